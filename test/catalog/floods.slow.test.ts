import { expect, test } from 'vitest';
import { MAX_DOCKERFILE_BYTES } from '../../src/catalog/check-dockerfiles.ts';
import { parseDockerfile } from '../../src/catalog/dockerfile.ts';
import { MAX_PROBLEMS } from '../../src/yaml/document-problem.ts';
import { MAX_DOCUMENT_BYTES } from '../../src/yaml/read-text.ts';
import { formatProblems, MOST_PRINTED } from '../../src/problem.ts';
import { catalogOf, DIGEST, imagesOf, problemsOf } from './checkout.ts';

/** As much of one problem as the largest catalog holds, and as much as just passes for a document. */
const FLOODS: Readonly<Record<string, readonly [all: string, part: string]>> = {
  'entries without any key': flood('images: [', '{},', ']', 60_000),
  'versions without any key': flood('images: [{ versions: [', '{},', '] }]', 60_000),
  'closing brackets': flood('', '}', '', 190_000),
  'mappings in a line': flood('', 'a: b: c\n', '', 15_000),
  'unknown keys': [keys(90_000), keys(30_000)],
};

function flood(start: string, repeated: string, end: string, count: number): [string, string] {
  const all = Math.floor((MAX_DOCUMENT_BYTES - start.length - end.length) / repeated.length);
  return [start + repeated.repeat(all) + end, start + repeated.repeat(count) + end];
}

function keys(count: number): string {
  return Array.from({ length: count }, (_, at) => `k${at}: 1`).join('\n');
}

test.each(Object.entries(FLOODS))('a flood of %s is rejected in bounded time', (_, texts) => {
  for (const text of texts) {
    const started = process.threadCpuUsage();
    const problems = problemsOf(catalogOf(text));
    const lines = formatProblems(problems).split('\n').length;
    const { user, system } = process.threadCpuUsage(started);
    expect(problems.length).toBeGreaterThan(0);
    // What an entry lacks is found in two steps: its keys, and what they stand for.
    expect(problems.length).toBeLessThan(2 * MAX_PROBLEMS);
    expect(lines).toBeLessThanOrEqual(2 * MOST_PRINTED + 1);
    expect((user + system) / 1000).toBeLessThan(8000); // milliseconds, on a slow machine; one whose cost is a square takes minutes
  }
});

test('three thousand images with bases of their own are no flood', () => {
  const versions = Array.from({ length: 3000 }, (_, at) => {
    return `{ version: "${at}", base: "registry.test/os/debian:${at}@${DIGEST}" }`;
  });
  const text = `images: [{ distribution: debian, context: contexts/apt, versions: [${versions.join()}] }]`;
  expect(text.length).toBeGreaterThan(350 * 1024);
  expect(imagesOf(catalogOf(text))).toHaveLength(3000);
});

test.each([
  ['FROM a\nRUN ', '\\ ', "<<E'"],
  ['FROM a\nRUN ', '<< ', '"'],
  ['FROM a\nRUN ', '${x:-', '<<E'],
  ['FROM a\n', '\r', 'x'],
  ['# escape=a', ' ', 'b\nFROM a'],
])('a Dockerfile of %j, many %j and %j is parsed in bounded time', (start, repeated, end) => {
  const text = start + repeated.repeat(Math.floor(MAX_DOCKERFILE_BYTES / repeated.length)) + end;
  const started = process.threadCpuUsage();
  parseDockerfile(text);
  const { user, system } = process.threadCpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(5000); // milliseconds; one whose cost is a square takes longer
});
