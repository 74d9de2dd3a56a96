import { expect, test } from 'vitest';
import { parseYaml } from '../../src/yaml/yaml-document.ts';

function explained(text: string): string {
  const parsed = parseYaml(text, 'f.yml');
  const told = 'problems' in parsed ? parsed.problems : [];
  return told.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}`).join('\n');
}

test('a key that stands twice is told with its path, and is to be deleted', () => {
  expect(explained('a:\n  - b: 1\n    b: 2')).toMatch(/^a\[0\]\.b: .*twice; delete/);
});

test('a merge key is called one that is not read', () => {
  expect(explained('a: &a { b: 1 }\nc: { <<: *a }')).toMatch(/^c\["<<"\]: merge keys are not read/);
});

test('a second document is told without a word on programming', () => {
  expect(explained('a: 1\n---\nb: 2')).toMatch(/^: a second document.*; delete the line ---/);
});

test.each([2_000, 20_000])('%i brackets are called nested too deeply', (count) => {
  const text = explained(`a: ${'['.repeat(count)}`);
  expect(text).toContain('nested too deeply');
  expect(text).not.toMatch(/call stack|YAML\./);
});

test('nesting that the parser takes exhausts nothing that comes after it', () => {
  for (const count of [100, 300, 600, 1000, 1500]) {
    expect(() => explained(`${'['.repeat(count)}${']'.repeat(count)}`)).not.toThrow();
  }
});
