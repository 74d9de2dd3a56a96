import { expect, test } from 'vitest';
import { formatVersion } from '../../src/branches/references.ts';
import { scanYaml } from '../../src/branches/scan-yaml.ts';
import type { YamlReader } from '../../src/branches/source.ts';
import { digest } from '../retention/retention-fixture.ts';

const READER: YamlReader = {
  files: [],
  key: 'cloud_image',
  image: 'vm-${image}',
  optional: false,
  ignore: ['cloud_image: "{{ ignored }}"'],
};
const D = digest('ab');

function scan(text: string): readonly string[] {
  const { found, problems } = scanYaml(text, READER);
  return [
    ...found.map(({ line, ...named }) => `${line} ${formatVersion(named)}`),
    ...problems.map(({ line, column, code }) => `${line}:${column} ${code}`),
  ];
}

test.each([
  ['cloud_image: debian-12 # not debian-11', ['1 vm-debian-12']],
  ['a:\n  - {"cloud_image": "debian-12"}', ['2 vm-debian-12']],
  ['cloud_image : debian-12', ['1 vm-debian-12']],
  ['cloud_image: !!str debian-12', ['1 vm-debian-12']],
  ['cloud_image: >-\n  debian-12', ['1 vm-debian-12']],
  ['cloud_image: |\n  debian-12\n', ['1 vm-debian-12']],
  ['cloud_image:\n  debian-12', ['1 vm-debian-12']],
  ['? cloud_image\n: debian-12', ['1 vm-debian-12']],
  ['x: &a debian-12\ncloud_image: *a', ['2 vm-debian-12']],
  ['cloud_image: &a debian-12\ny: *a', ['1 vm-debian-12']],
  ['x: &k cloud_image\n*k : debian-12', ['2 vm-debian-12']],
  ['x: &m {cloud_image: debian-12}\ny: {<<: *m}', ['1 vm-debian-12']],
  ['a: 1\n---\ncloud_image: debian-12\n---\n# nothing', ['3 vm-debian-12']],
  ['cloud_image: debian-12:v1', ['1 vm-debian-12:v1']],
  [`cloud_image: debian-12@${D}`, [`1 vm-debian-12@${D}`]],
  [`cloud_image: debian-12:v1@${D}`, [`1 vm-debian-12@${D}`]],
  ['x: !reference [a, cloud_image]', []],
  ['x: "cloud_image: {{ key }} my_cloud_image=a cloud_image == b"', []],
  ['x: |\n  # cloud_image: debian-12', []],
  ['  cloud_image: "{{ ignored }}"', []],
  ['# cloud_image: debian-12', []],
  ['', []],
])('%j names %j', (text, references) => {
  expect(scan(text)).toEqual(references);
});

test.each([
  ['x: 1\ncloud_image: "{{ key }}"', '2:1 INVALID_REFERENCE'],
  ['cloud_image:', '1:1 INVALID_REFERENCE'],
  ['cloud_image: null', '1:1 INVALID_REFERENCE'],
  ['cloud_image: 12', '1:1 INVALID_REFERENCE'],
  ['cloud_image: [debian-12]', '1:1 INVALID_REFERENCE'],
  ['cloud_image: {a: b}', '1:1 INVALID_REFERENCE'],
  ['cloud_image: *none', '1:1 INVALID_REFERENCE'],
  ['cloud_image: !own debian-12', '1:1 INVALID_REFERENCE'],
  ['cloud_image: Debian', '1:1 INVALID_REFERENCE'],
  ['cloud_image: debian_', '1:1 INVALID_REFERENCE'],
  ['cloud_image: a/debian-12', '1:1 INVALID_REFERENCE'],
  ['cloud_image: "debian-12:"', '1:1 INVALID_REFERENCE'],
  ['cloud_image: debian-12@sha256:0', '1:1 INVALID_REFERENCE'],
  ['cloud_image: {{ key }}', '1:1 INVALID_REFERENCE'],
  ['CLOUD_IMAGE: debian-12', '1:1 INVALID_REFERENCE'],
  ['"cloud_image ": debian-12', '1:1 INVALID_REFERENCE'],
  ['x: |\n  cloud_image: debian-12', '2:3 INVALID_REFERENCE'],
  ['- create cloud_image=debian-12', '1:10 INVALID_REFERENCE'],
  [`- '{"cloud_image": "debian-12"}'`, '1:6 INVALID_REFERENCE'],
  ['- "{\\"cloud_image\\": \\"debian-12\\"}"', '1:7 INVALID_REFERENCE'],
  ['a: 1\nb: "', '2:5 YAML_SYNTAX'],
  ['a: 1\n{% if x %}', '2:2 YAML_SYNTAX'],
  ['- a\n'.repeat(100_000), 'undefined:undefined YAML_SYNTAX'],
])('what can not be read is never dropped: %#', (text, problem) => {
  expect(scan(text)).toEqual([problem]);
});

test('a text that is nested too deeply to parse is never dropped', () => {
  // Where it ends depends on the stack that is left.
  expect(scan('['.repeat(5000))).toEqual([expect.stringMatching(/YAML_SYNTAX$/)]);
});

test.each(['cloud-image', 'cloud.image', '12', 'a+b'])('any key is one: %s', (key) => {
  const text = `${key}: a\n${key}x: b\nrun: echo ${key}=c\n`;
  expect(scanYaml(text, { ...READER, key })).toMatchObject({
    found: [{ image: 'vm-a', line: 1 }],
    problems: [{ code: 'INVALID_REFERENCE', line: 3 }],
  });
});
