import { describe, expect, test } from 'vitest';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import { checkFrom } from '../../src/catalog/check-sources.ts';
import { checkLabels } from '../../src/catalog/check-labels.ts';
import { parseDockerfile } from '../../src/catalog/dockerfile.ts';
import type { Dockerfile } from '../../src/catalog/dockerfile.ts';
import { DIGEST } from './checkout.ts';

function dockerfileOf(text: string): Dockerfile {
  const parsed = parseDockerfile(text);
  if ('dockerfile' in parsed) return parsed.dockerfile;
  throw new Error(JSON.stringify(parsed.problems));
}

const PINNED = `docker.io/library/golang:1.26@${DIGEST}`;

describe('what a Dockerfile takes from elsewhere', () => {
  test.each([
    ['the base image', 'ARG BASE\nFROM ${BASE}'],
    ['the base image, without braces', 'ARG BASE\nFROM $BASE'],
    ['the base image, with a default for people', 'ARG BASE=debian\nFROM $BASE'],
    ['nothing at all', 'FROM scratch'],
    ['a pinned image', `FROM ${PINNED}`],
    ['an earlier stage, whatever its case', 'FROM scratch AS One\nFROM one'],
    ['a file of an earlier stage', 'FROM scratch AS one\nFROM scratch\nCOPY --from=one / /'],
    ['a file of a stage by position', 'FROM scratch\nFROM scratch\nCOPY --from=0 / /'],
    ['a file of a pinned image', `FROM scratch\nCOPY --from=${PINNED} / /`],
    ['a pinned front end', `# syntax=docker/dockerfile:1@${DIGEST}\nFROM scratch`],
    ['a mount of an earlier stage', 'FROM scratch AS a\nFROM a\nRUN --mount=from=a,target=/x ls'],
    ['a mount of a cache', 'FROM scratch\nRUN --mount=type=cache,target=/x ls'],
  ])('%s is fine', (_, text) => {
    expect(checkFrom(dockerfileOf(text))).toEqual([]);
  });

  test.each([
    ['a tag alone', 'FROM debian:12', '1:6'],
    ['a variable of its own', 'ARG TAG\nFROM debian:${TAG}', '2:6'],
    ['a base image that is not declared', 'FROM ${BASE}', '1:6'],
    ['a base image that is declared too late', 'FROM scratch\nARG BASE\nFROM ${BASE}', '3:6'],
    ['a later stage', 'FROM two\nFROM scratch AS two', '1:6'],
    ['a file of a tag', 'FROM scratch\nCOPY --from=busybox:1 / /', '2:6'],
    ['a file of its own stage', 'FROM scratch AS a\nCOPY --from=a / /', '2:6'],
    ['a file of a stage that is none', 'FROM scratch\nFROM scratch\nCOPY --from=1 / /', '3:6'],
    ['a mount of a tag', 'FROM scratch\nRUN --mount=from=busybox,target=/x ls', '2:5'],
    ['a front end by tag', '# syntax=docker/dockerfile:1\nFROM scratch', '1:10'],
  ])('%s is refused', (_, text, place) => {
    const findings = checkFrom(dockerfileOf(text));
    expect(findings.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
      `DOCKERFILE_FROM ${place}`,
    ]);
  });
});

const LINES = Object.entries(LABELS).flatMap(([label, argument]) => [
  `ARG ${argument}`,
  `LABEL ${label}="\${${argument}}"`,
]);
const ALL = LINES.join('\n');

function labelsOf(text: string, target?: string): readonly string[] {
  const findings = checkLabels(dockerfileOf(text), target);
  return findings.map(({ line, column, remedy }) => {
    const lines = remedy.split('\n').slice(1);
    return `${line}:${column} ${lines.map((each) => each.trim().split('=')[0]).join(' ')}`;
  });
}

describe('labels', () => {
  test.each([
    ['on the stage that is built', `FROM scratch\n${ALL}`, undefined],
    ['on the target, not on the last one', `FROM scratch AS a\n${ALL}\nFROM scratch`, 'A'],
    ['on a stage that the built one starts from', `FROM scratch AS a\n${ALL}\nFROM a`, undefined],
    [
      'without quotes or braces',
      `FROM scratch\n${ALL.replaceAll(/"\$\{(\w+)\}"/g, '$$$1')}`,
      undefined,
    ],
    [
      'set wrong at first',
      `FROM scratch\nLABEL org.opencontainers.image.version=1\n${ALL}`,
      undefined,
    ],
    [
      'after arguments with defaults',
      `FROM scratch\n${ALL.replaceAll(/^ARG.*$/gm, '$&=none')}`,
      undefined,
    ],
  ])('%s are fine', (_, text, target) => {
    expect(labelsOf(text, target)).toEqual([]);
  });

  test('a stage without any is reported every line', () => {
    const [finding, ...others] = checkLabels(dockerfileOf('FROM scratch\nRUN x'), undefined);
    expect(others).toEqual([]);
    expect(finding?.line).toBe(1);
    expect(
      finding?.remedy
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual(LINES);
  });

  test('only the lines that are missing are reported', () => {
    const text = `FROM scratch\n${LINES.filter((_, at) => at !== 3).join('\n')}`;
    expect(labelsOf(text)).toEqual(['1:1 LABEL org.opencontainers.image.revision']);
  });

  test.each([
    [
      'an argument declared before FROM only',
      `ARG VERSION\nFROM scratch\n${LINES.slice(1).join('\n')}`,
    ],
    ['an argument declared too late', `FROM scratch\n${LINES.slice(1).join('\n')}\nARG VERSION`],
    ['a text in place of the argument', `FROM scratch\n${ALL.replace('${VERSION}', '12')}`],
    [
      "the argument's name in single quotes",
      `FROM scratch\n${ALL.replace('"${VERSION}"', "'$VERSION'")}`,
    ],
    ['a wrong value set last', `FROM scratch\n${ALL}\nLABEL org.opencontainers.image.version=1`],
    ['an ENV that hides the argument', `FROM scratch\nENV VERSION=1\n${ALL}`],
    ['an ENV of the stage before', `FROM scratch AS a\nENV VERSION=1\nFROM a\n${ALL}`],
    [
      'another stage than the built one',
      `FROM scratch AS a\n${ALL}\nFROM scratch\n${ALL.replace('n="${VERSION}"', 'n=x')}`,
    ],
  ])('%s is refused', (_, text) => {
    expect(labelsOf(text)).toEqual([
      expect.stringContaining('LABEL org.opencontainers.image.version'),
    ]);
  });

  test('an ENV that hides an argument is named', () => {
    const [finding] = checkLabels(dockerfileOf(`FROM scratch\nENV VERSION=1\n${ALL}`), undefined);
    expect(finding?.remedy).toContain('rename the ENV VERSION');
  });
});
