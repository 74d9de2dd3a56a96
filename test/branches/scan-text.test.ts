import { expect, test } from 'vitest';
import { formatVersion } from '../../src/branches/references.ts';
import { scanText } from '../../src/branches/scan-text.ts';
import type { PatternReader } from '../../src/branches/source.ts';
import { digest } from '../retention/retention-fixture.ts';
import { CLOUD_IMAGES, DIRECT, someSource } from './some-source.ts';

function readerOf(written: object): PatternReader {
  const [reader] = someSource('x', { references: [written] }).references;
  if (reader === undefined || !('pattern' in reader)) throw new Error('no pattern');
  return reader;
}

function found(text: string, written: object = CLOUD_IMAGES): readonly string[] {
  const { found: references, problems } = scanText(text, readerOf(written));
  return [
    ...references.map(({ line, ...named }) => `${line} ${formatVersion(named)}`),
    ...problems.map(
      ({ line, column, code }) => `${[line, column].filter(Boolean).join(':')} ${code}`,
    ),
  ];
}

test.each([
  ['cloud_image: ubuntu-2404', ['1 ubuntu-2404']],
  ['  - cloud_image: rockylinux-9', ['1 rockylinux-9']],
  ['cloud_image: "debian-12"', ['1 debian-12']],
  ["cloud_image: 'debian-12'", ['1 debian-12']],
  ['cloud_image:debian-12', ['1 debian-12']],
  ['---\r\ncloud_image: a1\r\n\rcloud_image: b2', ['2 a1', '4 b2']],
  ['cloud_image: a1 # not cloud_image: b2', ['1 a1']],
  ['cloud_image: a1\t# cloud_image: b2', ['1 a1']],
  ['# cloud_image: ubuntu-2404', []],
  ['   #cloud_image: ubuntu-2404', []],
  ['x: "a # b"  cloud_image: c3', ['1 c3']],
  ["x: it's # cloud_image: d4", ['1 d4']],
  ['my_cloud_image: "{{ key }}"', []],
  ['x: "{{ cloud_image }}"', []],
])('%j names %j', (text, references) => {
  expect(found(text)).toEqual(references);
});

test.each([
  'cloud_image: "{{ key }}"',
  'cloud_image: *alias',
  'cloud_image: &anchor debian-12',
  'cloud_image:',
  'cloud_image: >-',
  '"cloud_image": debian-12',
  'cloud_image : debian-12',
  'cloud_image: !!str debian-12',
  'cloud_image: Debian',
  'Cloud_Image: debian-12',
  'cloud_image: debian_13',
  'cloud_image: debian/13',
  'cloud_image: debian{{ version }}',
  'cloud_image: débian-13',
  'cloud_image: debian-12@sha256:0',
  'cloud_image: debian-12:v1',
  'cloud_image: debian-12:$TAG',
  '{cloud_image: debian-12}@sha256:0',
  '{cloud_image: debian-12, cloud_image: *alias}',
  'cloud_image: debian#12',
  'cloud_image: debian+12',
  'cloud_image: debian~12',
  'cloud_image: debian(12)',
  'cloud_image: debian=12',
  'cloud_image: debian?12',
  'cloud_image: debian 12',
  'cloud_image: "debian 12"',
  "cloud_image:'debian 12'",
  'cloud_image: debian\t{{ version }}',
  'cloud_image: debian (12)',
  'cloud_image: debian -12',
  'cloud_image: debian $VERSION # 12',
  '{cloud_image: debian 12, x: y}',
])('what the pattern can not read is never dropped: %j', (text) => {
  const column = text.toLowerCase().lastIndexOf('cloud_image') + 1;
  expect(found(text).at(-1)).toBe(`1:${column} INVALID_REFERENCE`);
});

test.each([
  'cloud_image: debian, x: y',
  'cloud_image: debian ',
  '{cloud_image: debian }',
  '[{cloud_image: "debian" }, x]',
  '{ cloud_image: debian , x: y }',
  "cloud_image: 'debian' # 12",
  "- x: 'cloud_image: debian'",
  'echo "cloud_image: debian" >> x',
  'echo cloud_image: debian > x && y',
  'echo cloud_image: debian; y',
  'echo cloud_image: debian&& y',
  'echo cloud_image: debian\\',
  '$(echo cloud_image: debian)',
  '<b>cloud_image: debian</b>',
  '`cloud_image: debian`',
  'cloud_image: debian: y',
  'echo cloud_image: debian | y',
])('a value ends at a quote, a separator or a comment: %j', (text) => {
  expect(found(text)).toEqual(['1 debian']);
});

test.each([
  ['image: quay.io/kubespray/vm-a:v1 12', false],
  ['image:\tquay.io/kubespray/vm-a:v1 12', false],
  ['  - "quay.io/kubespray/vm-a:v1 12"', false],
  ['- quay.io/kubespray/vm-a:v1 12', false],
  ['image: quay.io/kubespray/vm-a:v1', true],
  ['- docker run quay.io/kubespray/vm-a:v1 bash', true],
  ['run: docker run "quay.io/kubespray/vm-a:v1" bash', true],
  ['docker run 127.0.0.1:5000/quay.io/kubespray/vm-a:v1 bash', true],
  ['IMAGE=quay.io/kubespray/vm-a:v1 make', true],
  ['FROM quay.io/kubespray/vm-a:v1 AS x', true],
])('an address is a whole value where it begins one: %j %j', (text, isRead) => {
  const column = text.indexOf('quay') + 1;
  const references = isRead ? ['1 vm-a:v1'] : [`1:${column} INVALID_REFERENCE`];
  expect(found(text, DIRECT)).toEqual(references);
});

test('a line of ignore is left out, and another one like it is not', () => {
  const ignore = ['cloud_image: "{{ key }}"', 'cloud_image: a1'];
  const reader = readerOf({ ...CLOUD_IMAGES, ignore });
  const text = '  cloud_image: "{{ key }}" \ncloud_image: a1\ncloud_image: "{{ other }}"';
  expect(scanText(text, reader)).toMatchObject({
    found: [],
    problems: [{ code: 'INVALID_REFERENCE', line: 3 }],
    ignored: ignore,
  });
});

test('a direct reference has a tag', () => {
  const text = 'image: quay.io/kubespray/vm-kubespray-ci:v13\nimage: quay.io/other/vm-x:v1\n';
  expect(found(text, DIRECT)).toEqual(['1 vm-kubespray-ci:v13']);
});

test('a reference may have a digest, which makes a tag beside it mean nothing', () => {
  const D = digest('ab');
  const pattern =
    'images/(?<image>[a-z0-9-]+)(?::(?<tag>[\\w.-]+))?(?:@(?<digest>sha256:[0-9a-zA-Z]+))?';
  const text = `images/a\nimages/a:v1\nimages/a@${D}\nimages/a:v1@${D}\nimages/a@sha256:12\nimages/a@${D}f`;
  expect(found(text, { files: ['a'], pattern })).toEqual([
    '1 a',
    '2 a:v1',
    `3 a@${D}`,
    `4 a@${D}`,
    '5:1 INVALID_REFERENCE',
    '6:1 INVALID_REFERENCE',
  ]);
});

test('several references in a line are all found', () => {
  expect(found('[{cloud_image: a1}, {cloud_image: b2}]')).toEqual(['1 a1', '1 b2']);
});

test('the template makes the name, from any group', () => {
  const written = {
    files: ['a'],
    pattern: '(?<os>[a-z]+)/(?<image>\\d+)',
    image: 'vm-${os}-${image}',
  };
  expect(found('ubuntu/24', written)).toEqual(['1 vm-ubuntu-24']);
});

test.each([
  ['cloud_image: Ubuntu/24', '(?<image>\\S+)$', '1:14 INVALID_REFERENCE'],
  ['cloud_image: {{ key }}', ': (?<image>.+)', '1:12 INVALID_REFERENCE'],
  ['cloud_image: a1.', ': (?<image>.+)', '1:12 INVALID_REFERENCE'],
  ['a1:!', '(?<image>\\w+):(?<tag>.+)', '1:1 INVALID_REFERENCE'],
])('what can be no name is never dropped: %j by %j', (text, pattern, problem) => {
  expect(found(text, { files: ['a'], pattern })).toEqual([problem]);
});

test('a line that is too long to search is never taken for one without references', () => {
  const line = `cloud_image: a1 # ${'x'.repeat(2000)}`;
  expect(found(`${line.slice(0, 2000)}\n${line}`)).toEqual(['1 a1', '2 LINE_TOO_LONG']);
});
