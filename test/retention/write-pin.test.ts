import { expect, test } from 'vitest';
import { writePin } from '../../src/retention/write-pin.ts';
import { digest, FILE, problemsIn } from './retention-fixture.ts';

/** A retention file with this source behind another one. */
function fileOf(...source: readonly string[]): string {
  return `# Comments stay.
dryRun: true   # as they are
window: 90d
keepNewest: 5
untaggedAfter: 14d
gracePeriod: 30d
sources:
  - name: other
    repository: .
    branches: {default: main}
    references: [ {catalog: images.yml} ]

${source.join('\n')}
`;
}

const PIN = { source: 'ci', branch: 'release-1', image: 'debian-12', version: 'v2' };
const REST = ['    branches: {default: main} # later', '    references: [{catalog: images.yml}]'];

test.each<[string, string[], string[]]>([
  [
    'none before',
    ['  - name: ci', '    repository: ../ci # the clone'],
    [
      '  - name: ci',
      '    repository: ../ci # the clone',
      '    pins:',
      '      release-1:',
      '        debian-12: v2',
    ],
  ],
  [
    'another branch before',
    ['  -', '      repository: ../ci', '      pins: # reviewed', '          release-2: {a: v1}'],
    [
      '  -',
      '      repository: ../ci',
      '      pins: # reviewed',
      '          release-1:',
      '            debian-12: v2',
      '          release-2: {a: v1}',
    ],
  ],
  [
    'another image before',
    [
      '  - repository: ../ci',
      '    pins:',
      '      release-1: # old',
      '        # why',
      '        a: v1',
    ],
    [
      '  - repository: ../ci',
      '    pins:',
      '      release-1: # old',
      '        debian-12: v2',
      '        # why',
      '        a: v1',
    ],
  ],
  [
    'another version before',
    ['  - repository: ../ci', `    pins: { release-1: { debian-12: '${digest('a')}' } } # why`],
    ['  - repository: ../ci', '    pins: { release-1: { debian-12: v2 } } # why'],
  ],
])('a pin is written in place, with %s', (_, before, after) => {
  const isNamed = before.some((line) => line.includes('name: ci'));
  const indent = before[1]?.startsWith('      ') === true ? '      ' : '    ';
  const rest = [...(isNamed ? [] : ['    name: ci']), ...REST].map(
    (line) => indent + line.slice(4),
  );
  const text = fileOf(...before, ...rest);
  const expected = fileOf(...after, ...rest);
  expect(writePin(FILE, text, PIN)).toBe(expected);
  expect(writePin(FILE, text.replaceAll('\n', '\r\n'), PIN)).toBe(
    expected.replaceAll('\n', '\r\n'),
  );
  expect(writePin(FILE, expected, PIN)).toBe(expected);
});

test('names and versions that YAML would read as numbers are quoted', () => {
  const text = fileOf('  - name: ci', '    repository: ../ci', ...REST);
  const written = writePin(FILE, text, { ...PIN, branch: '1.30', version: '1.10' });
  expect(written).toContain('      "1.30":\n        debian-12: "1.10"\n');
});

test.each([
  ['{name: ci, repository: ., branches: {default: main}, references: [{catalog: images.yml}]}'],
  [
    '{name: ci, repository: ., branches: {default: main}, references: [{catalog: images.yml}], pins: {a: {b: c}}}',
  ],
])('a source that has no lines is left as it is, and the pin is shown', (source) => {
  expect(problemsIn(() => writePin(FILE, fileOf(`  - ${source}`), PIN))).toEqual([
    {
      code: 'PIN_NOT_WRITTEN',
      file: FILE,
      path: 'sources[1]',
      problem: 'the source is not written in lines that the pin could be added to',
      remedy: 'write it by hand: pins: {release-1: {debian-12: v2}}',
    },
  ]);
});
