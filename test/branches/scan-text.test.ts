import { expect, test } from 'vitest';
import { scanText } from '../../src/branches/scan-text.ts';
import type { PatternReader } from '../../src/branches/source.ts';
import { CLOUD_IMAGES, DIRECT, someSource } from './some-source.ts';

function readerOf(written: object): PatternReader {
  const [reader] = someSource('x', { references: [written] }).references;
  if (reader === undefined || 'catalog' in reader) throw new Error('no pattern');
  return reader;
}

function found(text: string, written: object = CLOUD_IMAGES): readonly string[] {
  const { found: references, problems } = scanText(text, readerOf(written));
  return [
    ...references.map(({ image, tag, line }) => `${line} ${tag ? `${image}:${tag}` : image}`),
    ...problems.map(({ line, code }) => `${line} ${code}`),
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
  ['cloud_image: a#1', ['1 a']],
  ['cloud_image: "{{ key }}"', []],
])('%j names %j', (text, references) => {
  expect(found(text)).toEqual(references);
});

test('a direct reference has a tag', () => {
  const text = 'image: quay.io/kubespray/vm-kubespray-ci:v13\nimage: quay.io/other/vm-x:v1\n';
  expect(found(text, DIRECT)).toEqual(['1 vm-kubespray-ci:v13']);
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
  ['cloud_image: Ubuntu/24', '(?<image>\\S+)$', '1 INVALID_REFERENCE'],
  ['cloud_image: {{ key }}', ': (?<image>.+)', '1 INVALID_REFERENCE'],
  ['cloud_image: a1.', ': (?<image>.+)', '1 INVALID_REFERENCE'],
  ['a1:!', '(?<image>\\w+):(?<tag>.+)', '1 INVALID_REFERENCE'],
])('what can be no name is never dropped: %j by %j', (text, pattern, problem) => {
  expect(found(text, { files: ['a'], pattern })).toEqual([problem]);
});

test('a line that is too long to search is never taken for one without references', () => {
  const line = `cloud_image: a1 ${'x'.repeat(2000)}`;
  expect(found(`${line.slice(0, 2000)}\n${line}`)).toEqual(['1 a1', '2 LINE_TOO_LONG']);
});
