import { describe, expect, test } from 'vitest';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import { checkFrom, checkDownloads } from '../../src/catalog/check-sources.ts';
import { checkLabels } from '../../src/catalog/check-labels.ts';
import { parseDockerfile, type Dockerfile } from '../../src/catalog/dockerfile.ts';
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
    const problems = checkFrom(dockerfileOf(text));
    expect(problems.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
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
  const problems = checkLabels(dockerfileOf(text), target);
  return problems.map(({ line, column, remedy }) => {
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
    const [problem, ...others] = checkLabels(dockerfileOf('FROM scratch\nRUN x'), undefined);
    expect(others).toEqual([]);
    expect(problem?.line).toBe(1);
    expect(
      problem?.remedy
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
    const [problem] = checkLabels(dockerfileOf(`FROM scratch\nENV VERSION=1\n${ALL}`), undefined);
    expect(problem?.remedy).toContain('rename the ENV VERSION');
  });
});

function codesOf(text: string): readonly string[] {
  const dockerfile = dockerfileOf(text);
  return [...checkFrom(dockerfile), ...checkDownloads(dockerfile)].map(({ code }) => code);
}

describe('flags are read as BuildKit reads them', () => {
  test.each([
    ['a mount key in capitals', 'RUN --mount=type=bind,FROM=busybox,target=/x ls'],
    ['a quoted mount option', 'RUN --mount=type=bind,"from=busybox",target=/x ls'],
    ['a mount option in CSV quotes', 'RUN --mount=type=bind,\\"from=busybox\\",target=/x ls'],
    ['an option after a quoted space', 'RUN --mount=type=bind,"target=/a b",from=busybox ls'],
    ['a second flag on another line', 'RUN --network=none \\\n  # why\n  --mount=from=busybox ls'],
    ['a flag whose name is quoted', 'COPY --"from"=busybox / /'],
    ['a flag with its value apart', 'COPY --from busybox / /'],
    ['a mount whose image is a variable', 'RUN --mount=from=$X,target=/x ls'],
    ['a copy that is put off', 'ONBUILD COPY --from=busybox / /'],
  ])('%s is refused', (_, line) => {
    expect(codesOf(`FROM scratch\n${line}`)).toEqual(['DOCKERFILE_FROM']);
  });

  test.each([
    ['a quoted stage', 'COPY --from="one" / /'],
    ['a quoted mount of a stage', 'RUN --mount=type=bind,"from=one",target=/x ls'],
    ['a command that has a flag of that name', 'RUN curl --mount=from=x --from=y'],
    ['a here-document with a flag in it', 'RUN cat <<E\n--mount=from=x\nE'],
  ])('%s is fine', (_, line) => {
    expect(codesOf(`FROM scratch AS one\nFROM scratch\n${line}`)).toEqual([]);
  });
});

test.each([
  ['linux/arm64', ['DOCKERFILE_PLATFORM']],
  ['"linux/arm64"', ['DOCKERFILE_PLATFORM']],
  ['$OTHER', ['DOCKERFILE_PLATFORM']],
  ['$TARGETPLATFORM', []],
  ['${BUILDPLATFORM}', []],
])('a stage for the platform %s leads to %j', (platform, codes) => {
  expect(codesOf(`ARG BASE\nFROM --platform=${platform} $BASE`)).toEqual(codes);
});

describe('downloads', () => {
  const commit = '0123456789'.repeat(4);
  test.each([
    ['ADD https://example.test/x /x'],
    ['ADD HTTPS://example.test/x /x'],
    ['ADD "https://example.test/x" /x'],
    ['ADD ["https://example.test/x", "/x"]'],
    ['ADD --link https://example.test/x /x'],
    ['ADD a \\\n  https://example.test/x /x'],
    ['ADD https://example.test/x.git#main /x'],
    ['ADD git@example.test:x.git /x'],
    ['ADD $ADDRESS /x'],
    ['ONBUILD ADD https://example.test/x /x'],
  ])('%s is refused', (line) => {
    expect(codesOf(`FROM scratch\n${line}`)).toEqual(['DOCKERFILE_DOWNLOAD']);
  });

  test.each([
    [`ADD --checksum=sha256:${'a'.repeat(64)} https://example.test/x /x`],
    [`ADD https://example.test/x.git#${commit} /x`],
    ['ADD rootfs.tar /'],
    ['ADD dir/$NAME /'],
    ['ADD <<E /x\nhttps://example.test/x /x\nE'],
    ['COPY https /x'],
  ])('%s is fine', (line) => {
    expect(codesOf(`FROM scratch\n${line}`)).toEqual([]);
  });
});

describe('here-documents', () => {
  test.each([
    ['RUN cat <<-"E O"\n\thi\n\tE O'],
    ["RUN cat <<'E O' >x\nhi\nE O"],
    ['RUN cat <<"A B" <<E\nhi\nA B\nho\nE'],
  ])('%j ends where its name stands, and a problem behind it keeps its line', (heredoc) => {
    const line = heredoc.split('\n').length + 2;
    const problems = checkFrom(dockerfileOf(`FROM scratch\n${heredoc}\nCOPY --from=x / /`));
    expect(problems.map((each) => each.line)).toEqual([line]);
  });
});

test('each name of an ARG is declared', () => {
  expect(codesOf('ARG VERSION BASE\nFROM $BASE')).toEqual([]);
  const all = Object.values(LABELS).join(' ');
  const labels = Object.entries(LABELS).map(([label, name]) => `LABEL ${label}=$${name}`);
  const dockerfile = dockerfileOf(`FROM scratch\nARG ${all}\n${labels.join('\n')}`);
  expect(checkLabels(dockerfile, undefined)).toEqual([]);
});
