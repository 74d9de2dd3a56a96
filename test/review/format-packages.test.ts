import { expect, test } from 'vitest';
import type { Packages } from '../../src/packages/package-list.ts';
import { formatPackageDifferences } from '../../src/review/format-packages.ts';
import { diffPlatforms, packagesOf } from '../packages/packages-of.ts';

type ByPlatform = Readonly<Record<string, Packages>>;

function format(before: ByPlatform, after: ByPlatform, image = 'debian-12'): string {
  return formatPackageDifferences(image, diffPlatforms(before, after));
}

function one(...lines: string[]): ByPlatform {
  return { 'linux/amd64': packagesOf('deb', lines) };
}

test('tables are in a fold, whose summary names the most prominent package', () => {
  const before = one('bash 5.2-1 amd64', 'openssl 3.0.17-1~deb12u2 amd64', 'zsh 1 amd64');
  const after = one('bash 5.2-2 amd64', 'openssl 3.0.18-1~deb12u1 amd64', 'acl 1 amd64');
  expect(format(before, after))
    .toBe(`<details><summary>debian-12: 4 packages, openssl 3.0.17 → 3.0.18</summary>

| package | change | before | after |
| --- | --- | --- | --- |
| \`acl\` | added |  | \`1\` |
| \`bash\` | up | \`5.2-1\` | \`5.2-2\` |
| \`openssl\` | up | \`3.0.17-1~deb12u2\` | \`3.0.18-1~deb12u1\` |
| \`zsh\` | removed | \`1\` |  |

</details>`);
});

test.each([
  [['bash 5.2-1 all'], ['bash 5.2-2 all'], '1 package, bash 5.2-1 → 5.2-2'],
  [['bash 1:5.2-1 all'], ['bash 5.2-1 all'], '1 package, bash 1:5.2-1 → 5.2-1'],
  [['bash 6.0-1 all'], ['bash 1:5.2-1 all'], '1 package, bash 6.0-1 → 1:5.2-1'],
  [['a 1 all', 'b 1 all'], ['a 1 all'], '1 package, b 1 removed'],
  [
    ['a 1 all', 'kernel 6.6.0-72.oe x86_64'],
    ['a 2 all', 'kernel 6.6.0-73.oe x86_64'],
    '2 packages, kernel 6.6.0-72.oe → 6.6.0-73.oe',
  ],
  [
    ['b 1 all', 'linux-image-6.1.0-9-amd64 6.1.9-1 amd64', 'openssl 1 amd64'],
    ['b 1 all', 'linux-image-6.1.0-10-amd64 6.1.10-1 amd64', 'openssl 2 amd64'],
    '3 packages, linux-image-6.1.0-10-amd64 6.1.10-1 added',
  ],
  [['b 1 all', 'c 1 all'], ['a 1 all', 'b 1 all', 'c 2 all'], '2 packages, c 1 → 2'],
])('the summary of %j → %j', (before, after, summary) => {
  expect(format(one(...before), one(...after))).toContain(
    `<summary>debian-12: ${summary}</summary>`,
  );
});

test('no change is one line', () => {
  expect(format(one('a 1 all'), one('a 1 all'))).toBe('debian\\-12: no package changed');
});

test('an unknown list is no empty difference', () => {
  const unknown: ByPlatform = { 'linux/amd64': { kind: 'unknown', reason: 'no <Docker> here' } };
  expect(format(unknown, one('a 1 all')))
    .toBe(`<details><summary>debian-12: package differences unknown</summary>

Unknown: before: no &lt;Docker&gt; here

</details>`);
});

test('platforms that differ have a table each', () => {
  const before = { ...one('a 1 all'), 'linux/arm64': packagesOf('deb', ['a 1 all']) };
  const same = { ...one('a 2 all'), 'linux/arm64': packagesOf('deb', ['a 2 all']) };
  expect(format(before, same).match(/a` \| up/g)).toHaveLength(1);
  const other = { ...one('a 2 all'), 'linux/arm64': packagesOf('deb', ['a 1 all']) };
  const text = format(before, other);
  expect(text).toContain('<summary>debian-12: 1 package, a 1 → 2</summary>');
  expect(text).toMatch(/linux\/amd64\n\n\| package[^]*linux\/arm64\n\nNo package changed\./);
  expect(format(before, one('a 2 all'))).toContain(
    '1 package, a 1 → 2; package differences unknown for linux/arm64</summary>',
  );
});

test('names and versions are no markup, mention or reference', () => {
  const text = format(one('a 1 all'), one('a 2 all', 'openssl </summary><b>|`@all all'));
  expect(text).toContain('openssl &lt;/summary&gt;&lt;b&gt;|`@\u200Ball added</summary>');
  expect(text).toContain('`</summary><b>\\|\u2019@all`');
});

test('a long table is cut', () => {
  const lines = (version: number) =>
    Array.from({ length: 305 }, (_, at) => `p${at} ${version} all`);
  const text = format(one(...lines(1)), one(...lines(2)));
  expect(text).toContain('305 packages, ');
  expect(text.match(/\| up \|/g)).toHaveLength(300);
  expect(text).toContain('and 5 more');
});
