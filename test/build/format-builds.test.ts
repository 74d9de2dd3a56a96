import { expect, test } from 'vitest';
import { parseBuildResults } from '../../src/build/build-results.ts';
import { buildSections, formatBuildsAsText } from '../../src/build/format-builds.ts';

const BUILT = {
  ...{ kind: 'built', name: 'debian-12', platform: 'linux/amd64', seconds: 41, size: 98_700_000 },
  start: { kind: 'up', sign: 'systemd is running', seconds: 3 },
  packages: { kind: 'known', count: 120 },
  differences: {
    kind: 'known',
    changes: [
      { kind: 'up', name: 'bash', architecture: 'amd64', before: '5.2-1', after: '5.2-2' },
      { kind: 'up', name: 'openssl', architecture: 'amd64', before: '3.0.17-1', after: '3.0.18-1' },
      { kind: 'added', name: 'zsh', architecture: 'amd64', after: '1' },
    ],
  },
} as const;
const UNKNOWN = { kind: 'unknown', reason: 'REGISTRY_UNAUTHORIZED  no <login>' } as const;

/** As the summary gets them: through the file. */
function parsed(results: object) {
  return parseBuildResults(JSON.stringify(results), 'builds.json');
}

const note = (...builds: readonly object[]) =>
  buildSections(parsed({ builds }))
    .flatMap((lines) => lines)
    .join('\n');

test('a note has a row for each build, and the package differences in a fold', () => {
  expect(note(BUILT)).toBe(`
**Built in this pipeline, and pushed nowhere**

| image | builds | comes up | size |
| --- | --- | --- | --- |
| \`debian-12\` | ✓ in 41 s | ✓ systemd is running, after 3 s | 98.7 MB |

<details><summary>debian-12: 3 packages, openssl 3.0.17 → 3.0.18</summary>

| package | change | before | after |
| --- | --- | --- | --- |
| \`bash\` | up | \`5.2-1\` | \`5.2-2\` |
| \`openssl\` | up | \`3.0.17-1\` | \`3.0.18-1\` |
| \`zsh\` | added |  | \`1\` |

</details>`);
});

test('where the registry can not be read, the note says that the differences are unknown, and why', () => {
  const text = note({ ...BUILT, differences: UNKNOWN });
  expect(text).toContain('<summary>debian-12: package differences unknown</summary>');
  expect(text).toContain('REGISTRY\\_UNAUTHORIZED  no &lt;login&gt;');
});

test('platforms are named where an image has several', () => {
  const text = note(BUILT, { ...BUILT, platform: 'linux/arm64', differences: UNKNOWN });
  expect(text).toMatch(/\| `debian-12 for linux\/amd64` \|[^]*\| `debian-12 for linux\/arm64` \|/);
  expect(text.match(/<details>/g)).toHaveLength(1);
});

test('failures come first, with the end of what was printed, whatever it is', () => {
  const failed = {
    ...{ kind: 'failed', name: 'a', platform: 'linux/amd64', code: 'BUILD_FAILED' },
    reason: 'BUILD_FAILED  exit code: 9; correct it',
    shown: ['``` @everyone', '</details>'],
  };
  const start = { kind: 'down', reason: 'FAILED_UNITS  ssh', shown: ['ssh.service: failed'] };
  const text = note(failed, { ...BUILT, start });
  expect(text).toMatch(/^\n\*\*Images that fail\*\*\n\n- a does not build: BUILD\\_FAILED/);
  expect(text).toContain('  - `’’’ @everyone`\n  - `</details>`\n- debian\\-12 does not come up');
  expect(text).toContain('| `a` | ✗ BUILD\\_FAILED |  |  |');
  expect(text).toContain('| `debian-12` | ✓ in 41 s | ✗ | 98.7 MB |');
});

test('what was left out is named with the reason, and so is that nothing was built', () => {
  const leftOut = { kind: 'left-out', name: 'a', platform: 'linux/amd64', reason: 'only 2 fit' };
  expect(note(leftOut)).toContain('| `a` | not tried: only 2 fit |  |  |');
  const none = parsed({ notBuilt: 'there is no <engine>', builds: [] });
  expect(buildSections(none).flatMap((lines) => lines)).toEqual([
    ...['', 'Nothing was built here: there is no &lt;engine&gt;'],
  ]);
  expect(buildSections(parsed({ builds: [] })).flatMap((lines) => lines)).toEqual([]);
});

test('a terminal gets lines', () => {
  expect(formatBuildsAsText(parsed({ builds: [BUILT] }))).toBe(
    [
      'debian-12 for linux/amd64 builds: 98.7 MB after 41 s',
      '  it is up after 3 s: systemd is running',
      '  120 packages; 3 changed since what `latest` names',
      '    bash 5.2-1 → 5.2-2',
      '    openssl 3.0.17-1 → 3.0.18-1',
      '    zsh added, 1',
    ].join('\n'),
  );
  expect(formatBuildsAsText({ builds: [] })).toBe('There is nothing to build.');
});

test('a file of anything else is a problem', () => {
  expect(() => parsed({ builds: [{ kind: 'built' }] })).toThrow(/BUILDS_UNREADABLE/);
});

test('nothing that an image or a registry has printed controls a terminal', () => {
  const [change] = BUILT.differences.changes;
  const differences = { kind: 'known', changes: [{ ...change, before: '1\u001B[2J\n::error::x' }] };
  const start = { kind: 'down', reason: 'a\u009B2J', shown: ['b\u001B]0;x'] };
  const text = formatBuildsAsText(parsed({ builds: [{ ...BUILT, differences, start }] }));
  expect(text).not.toMatch(/[\p{Cc}--\n]/v);
  expect(text).not.toMatch(/^::/m);
});
