import { expect, test } from 'vitest';
import { formatProblems, type Problem } from '../src/problem.ts';

function at(line: number): Problem {
  return { code: 'C', file: 'f', line, column: 1, problem: 'p', remedy: 'r' };
}

test('the first hundred problems by place are printed, and the others counted', () => {
  const problems = Array.from({ length: 103 }, (_, index) => at(103 - index));
  const lines = formatProblems(problems).split('\n');
  expect(lines).toHaveLength(201);
  expect(lines[0]).toBe('f:1:1  C');
  expect(lines.at(-3)).toBe('f:100:1  C');
  expect(lines.at(-1)).toBe('and 3 more');
});

test('a hundred problems are printed without a count', () => {
  const problems = Array.from({ length: 100 }, (_, index) => at(index + 1));
  expect(formatProblems(problems)).not.toContain('more');
});
