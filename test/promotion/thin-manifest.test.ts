import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseDigest, parseTag } from '../../src/image-reference.ts';
import type { Promotion } from '../../src/promotion/promoted-versions.ts';
import { addPromotions } from '../../src/promotion/thin-manifest.ts';
import { known } from '../support/fixtures.ts';

const digest = (digit: string) => known(parseDigest(`sha256:${digit.repeat(64)}`));
const [A, B, C] = [digest('a'), digest('b'), digest('c')];
const promotion = (image: string, of: typeof A, ...tags: string[]): Promotion => {
  return { image, digest: of, tags: tags.map((tag) => known(parseTag(tag))) };
};
const added = (text: string, ...promotions: Promotion[]) =>
  addPromotions('images.yaml', text, promotions).text;

const OTHERS = `# Copyright

# 1.0
- name: vm-b # hand-made
  dmap:
    "${B}": ["v1", 'v2']  # the good one

# 2.0
- name: vm-d
  dmap:
    "${A}": ["v1"]
`;

describe('a manifest', () => {
  test('that is new has a line for each digest', () => {
    const text = added('', promotion('vm-a', A, 'v1', 'v2'), promotion('vm-b', B));
    expect(text).toBe(
      `- name: vm-a\n  dmap:\n    "${A}": ["v1", "v2"]\n- name: vm-b\n  dmap:\n    "${B}": []\n`,
    );
  });

  test('keeps what it has, and has new lines in order', () => {
    const text = added(
      OTHERS,
      promotion('vm-a', A, 'v1'),
      promotion('vm-b', A, 'v3'),
      promotion('vm-b', C, 'v4'),
      promotion('vm-c', C, '1e3'),
    );
    expect(text).toBe(`# Copyright

- name: vm-a
  dmap:
    "${A}": ["v1"]
# 1.0
- name: vm-b # hand-made
  dmap:
    "${A}": ["v3"]
    "${B}": ["v1", 'v2']  # the good one
    "${C}": ["v4"]
- name: vm-c
  dmap:
    "${C}": ["1e3"]

# 2.0
- name: vm-d
  dmap:
    "${A}": ["v1"]
`);
  });

  test('keeps the comment of its first digest with that, and its own first comment first', () => {
    const text = `# Copyright\n- name: vm-b\n  dmap:\n    # 1.0\n    "${B}": ["v1"]\n`;
    const own = `- name: vm-b\n  dmap:\n    "${A}": ["v0"]\n    # 1.0\n    "${B}": ["v1"]\n`;
    const other = `- name: vm-a\n  dmap:\n    "${A}": []\n`;
    const promotions = [promotion('vm-a', A), promotion('vm-b', A, 'v0')];
    expect(added(text, ...promotions)).toBe(`# Copyright\n${other}${own}`);
    expect(added(own, promotion('vm-a', A))).toBe(other + own);
  });

  test.each([
    ['in brackets', `"${B}": ["v1"]`, `"${B}": ["v1", "v9"]`],
    ['of brackets that are empty', `"${B}": []`, `"${B}": ["v9"]`],
    ['in brackets over lines', `"${B}": [\n      v1,\n    ]`, `"${B}": [\n      v1, "v9",\n    ]`],
    ['in lines', `"${B}":\n    - v1`, `"${B}":\n    - v1\n    - "v9"`],
  ])('has one more tag %s', (_, before, after) => {
    const text = (dmap: string) => `- name: vm-b\n  dmap:\n    ${dmap}\n- name: vm-c\n  dmap: {}\n`;
    expect(added(text(before), promotion('vm-b', B, 'v9'))).toBe(text(after));
  });

  test('does not change the second time', () => {
    const promotions = [promotion('vm-b', B, 'v1', 'v3'), promotion('vm-c', C)];
    const once = added(OTHERS, ...promotions);
    expect(addPromotions('images.yaml', once, promotions)).toEqual({ text: once, added: 0 });
    expect(once).not.toBe(OTHERS);
  });

  test('without an end of line, with CRLF, indented, or with several entries of a name is added to', () => {
    const one = promotion('vm-d', C, 'v2');
    expect(added(OTHERS.trimEnd(), one)).toBe(`${OTHERS}    "${C}": ["v2"]\n`);
    const crlf = OTHERS.replaceAll('\n', '\r\n');
    expect(added(crlf, one)).toBe(`${crlf}    "${C}": ["v2"]\r\n`);
    const indented = OTHERS.replaceAll(/^(?=[- ])/gm, '  ');
    expect(added(indented, promotion('vm-z', C))).toBe(
      `${indented}  - name: vm-z\n    dmap:\n      "${C}": []\n`,
    );
    const twice = `${OTHERS}- name: vm-b\n  dmap:\n    "${C}": ["v9"]\n`;
    expect(added(twice, promotion('vm-b', C, 'v9'))).toBe(twice);
  });

  test.each(['# nothing yet\n', '# nothing yet'])(
    'of comments alone is one without images',
    (text) => {
      expect(parse(added(text, promotion('vm-a', A, 'v1')))).toEqual([
        { name: 'vm-a', dmap: { [A]: ['v1'] } },
      ]);
      expect(added(text, promotion('vm-a', A, 'v1'))).toMatch(/^# nothing yet\n- name/);
    },
  );

  test('with a number for a tag has the tag that kpromo reads', () => {
    const text = `- name: vm-a\n  dmap:\n    "${A}": [1.10]\n`;
    expect(added(text, promotion('vm-a', A, '1.10'))).toBe(text);
    expect(() => added(text, promotion('vm-a', B, '1.10'))).toThrow(/TAG_WOULD_MOVE/);
  });
});

test('a tag that would move is an error at its place', () => {
  expect(() => added(OTHERS, promotion('vm-b', C, 'v2'))).toThrow(
    'images.yaml:6:87  TAG_WOULD_MOVE',
  );
});

test('another image may have the same tag', () => {
  expect(added(OTHERS, promotion('vm-a', C, 'v2'))).toContain('vm-a');
});

test.each([
  ['name: vm-a\n', /images\.yaml:1:1 .*INVALID_PROMOTION/],
  ['- name: vm-a\n', /images\.yaml:1:3 .*INVALID_PROMOTION/],
  ['- name: vm-a\n  dmap:\n    sha256:abc: [v1]\n', /images\.yaml:3:\d+ .*INVALID_PROMOTION/],
  ['- name: [\n', /YAML_SYNTAX/],
  [`[{name: vm-b, dmap: {"${B}": [v1]}}]\n`, /PROMOTION_NOT_WRITTEN[\s\S]*by hand/],
])('%j is left alone', (text, error) => {
  expect(() => added(text, promotion('vm-a', A, 'v1'))).toThrow(error);
});
