import { describe, expect, test } from 'vitest';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import { checkFrom, checkDownloads, checkFrontEnds } from '../../src/catalog/check-pins.ts';
import { checkLabels } from '../../src/catalog/check-labels.ts';
import { parseDockerfile } from '../../src/catalog/dockerfile.ts';
import { DIGEST } from './checkout.ts';

const PINNED = `docker.io/library/golang:1.26@${DIGEST}`;
const COMMIT = '0123456789'.repeat(4);

/** `CODE line:column` of each problem with images and downloads, without the codes' prefix. */
function unpinnedIn(text: string): readonly string[] {
  const dockerfile = parseDockerfile(text);
  return [
    ...checkFrontEnds(dockerfile),
    ...dockerfile.problems,
    ...checkFrom(dockerfile),
    ...checkDownloads(dockerfile),
  ].map(({ code, line, column }) => `${code.replace('DOCKERFILE_', '')} ${line}:${column}`);
}

describe('images and downloads that are known before the build', () => {
  test.each([
    ['the base image', 'ARG BASE\nFROM ${BASE}'],
    ['the base image, without braces', 'ARG BASE\nFROM $BASE'],
    ['the base image, with a default for people', 'ARG BASE=debian\nFROM $BASE'],
    ['the base image, declared beside another argument', 'ARG VERSION BASE\nFROM $BASE'],
    ['no image', 'FROM scratch'],
    ['a pinned image', `FROM ${PINNED}`],
    ['an earlier stage, whatever its case', 'FROM scratch AS One\nFROM one'],
    ['a file of an earlier stage', 'FROM scratch AS one\nFROM scratch\nCOPY --from=one / /'],
    ['a file of a stage by index', 'FROM scratch\nFROM scratch\nCOPY --from=0 / /'],
    ['a file of a pinned image', `FROM scratch\nCOPY --from=${PINNED} / /`],
    ['a pinned front end', `# syntax=docker/dockerfile:1@${DIGEST}\nFROM scratch`],
    ['a pinned front end with arguments', `# syntax=x@${DIGEST} a=b\nFROM scratch`],
    ['a text like a directive behind a comment', '# a\n# syntax=docker/dockerfile:1\nFROM scratch'],
    ['a mount of an earlier stage', 'FROM scratch AS a\nFROM a\nRUN --mount=from=a,target=/x ls'],
    ['a mount of a cache', 'FROM scratch\nRUN --mount=type=cache,target=/x ls'],
    ['a quoted stage', 'FROM scratch AS a\nFROM a\nCOPY --from="a" / /'],
    ['a quoted mount of a stage', 'FROM scratch AS a\nFROM a\nRUN --mount="from=a",target=/x ls'],
    ['a command with a flag of that name', 'FROM scratch\nRUN curl --mount=from=x --from=y'],
    ['a here-document with a flag in it', 'FROM scratch\nRUN cat <<E\n--mount=from=x\nE'],
    ['the platform of the build', 'FROM --platform=$TARGETPLATFORM scratch'],
    ['the platform of the builder', 'FROM --platform=${BUILDPLATFORM} scratch'],
    [
      'a download by checksum',
      `FROM scratch\nADD --checksum=sha256:${'a'.repeat(64)} https://example.test/x /x`,
    ],
    ['a commit', `FROM scratch\nADD https://example.test/x.git#${COMMIT} /x`],
    ['a commit in a directory', `FROM scratch\nADD https://example.test/x.git#${COMMIT}:doc /x`],
    ['a commit over SSH', `FROM scratch\nADD git@example.test:x#${COMMIT} /x`],
    ['a file of the context', 'FROM scratch\nADD rootfs.tar /'],
    ['a file of the context by a variable', 'FROM scratch\nADD dir/$NAME /'],
    ['a text like a list', 'FROM scratch\nADD ["https://example.test/x", "/x"] b'],
    ['a file in a here-document', 'FROM scratch\nADD <<E /x\nhttps://example.test/x /x\nE'],
    ['a copy whose name begins with https', 'FROM scratch\nCOPY https /x'],
  ])('%s', (_, text) => {
    expect(unpinnedIn(text)).toEqual([]);
  });
});

describe('rejected', () => {
  test.each([
    ['a tag alone', 'FROM debian:12', 'FROM 1:6'],
    ['a variable of its own', 'ARG TAG\nFROM debian:${TAG}', 'FROM 2:6'],
    ['a base image that is not declared', 'FROM ${BASE}', 'FROM 1:6'],
    ['a base image that is declared too late', 'FROM scratch\nARG BASE\nFROM ${BASE}', 'FROM 3:6'],
    ['a later stage', 'FROM two\nFROM scratch AS two', 'FROM 1:6'],
    ['a file of its own stage', 'FROM scratch AS a\nCOPY --from=a / /', 'FROM 2:6'],
    ['a file of no stage', 'FROM scratch\nFROM scratch\nCOPY --from=1 / /', 'FROM 3:6'],
    ['a front end by tag', '# syntax=docker/dockerfile:1\nFROM scratch', 'FROM 1:10'],
    ['a front end with a digest apart', `# syntax=x:1 y@${DIGEST}\nFROM scratch`, 'FROM 1:10'],
    ['a front end behind a shebang', '#!/bin/x\n# Syntax = x:1\nFROM scratch', 'FROM 2:12'],
    ['a front end that older builders take', '# a=b\n# syntax=x:1\nFROM scratch', 'FROM 2:10'],
    ['a front end with Windows line ends', '# syntax=x:1\r\nFROM scratch\r\n', 'FROM 1:10'],
    ['a front end behind a shebang, so too', '#!/x\r\n#syntax=x:1\r\nFROM scratch', 'FROM 2:9'],
    ['a front end behind a byte order mark', '\uFEFF# syntax=x:1\nFROM scratch', 'FROM 1:10'],
    ['a front end behind another blank', '#\u0085syntax=x:1\nFROM scratch', 'FROM 1:10'],
    ['a front end behind a check', '# check=skip=all\n#syntax=x:1\nFROM scratch', 'FROM 2:9'],
    ['a platform', 'FROM --platform=linux/arm64 scratch', 'PLATFORM 1:6'],
    ['a quoted platform', 'FROM --platform="linux/arm64" scratch', 'PLATFORM 1:6'],
    ['a platform of another variable', 'FROM --platform=$OTHER scratch', 'PLATFORM 1:6'],
  ])('%s', (_, text, problem) => {
    expect(unpinnedIn(text)).toEqual([problem]);
  });

  test.each([
    ['a file of a tag', 'COPY --from=busybox:1 / /', 'FROM 2:6'],
    ['a mount of a tag', 'RUN --mount=from=busybox,target=/x ls', 'FROM 2:5'],
    ['a mount key in capitals', 'RUN --mount=type=bind,FROM=busybox,target=/x ls', 'FROM 2:5'],
    ['a quoted mount option', 'RUN --mount=type=bind,"from=busybox",target=/x ls', 'FROM 2:5'],
    [
      'an option in CSV quotes',
      'RUN --mount=type=bind,\\"from=busybox\\",target=/x ls',
      'FROM 2:5',
    ],
    ['an option after a quoted space', 'RUN --mount="target=/a b",from=busybox ls', 'FROM 2:5'],
    ['a flag behind a comment', 'RUN --network=none \\\n # why\n --mount=from=a ls', 'FROM 4:2'],
    ['a flag whose name is quoted', 'COPY --"from"=busybox / /', 'FROM 2:6'],
    ['a flag with its value apart', 'COPY --from busybox / /', 'FROM 2:6'],
    ['a mount whose image is a variable', 'RUN --mount=from=$X,target=/x ls', 'FROM 2:5'],
    ['a copy that is put off', 'ONBUILD COPY --from=busybox / /', 'FROM 2:14'],
    [
      'an image behind a here-document',
      'RUN cat <<-"E O"\n\t\n\tE O\nCOPY --from=x / /',
      'FROM 5:6',
    ],
    ['one with a redirection', "RUN cat <<'E O' >x\nhi\nE O\nCOPY --from=x / /", 'FROM 5:6'],
    ['two of them', 'RUN cat <<"A B" <<E\nhi\nA B\nho\nE\nCOPY --from=x / /', 'FROM 7:6'],
    ['a download', 'ADD https://example.test/x /x', 'DOWNLOAD 2:1'],
    ['a download in capitals', 'ADD HTTPS://example.test/x /x', 'DOWNLOAD 2:1'],
    ['a quoted download', 'ADD "https://example.test/x" /x', 'DOWNLOAD 2:1'],
    ['a download in a list', 'ADD ["https://example.test/x", "/x"]', 'DOWNLOAD 2:1'],
    ['a download with a flag', 'ADD --link https://example.test/x /x', 'DOWNLOAD 2:1'],
    ['a download in a second line', 'ADD a \\\n  https://example.test/x /x', 'DOWNLOAD 2:1'],
    ['a download in a list, escaped', 'ADD ["\\u0068ttps://example.test/x", "/x"]', 'DOWNLOAD 2:1'],
    ['a download with a backslash', 'ADD h\\ttps://example.test/x /x', 'DOWNLOAD 2:1'],
    [
      'a download with a variable in its scheme',
      'ADD http${S}://example.test/x /x',
      'DOWNLOAD 2:1',
    ],
    [
      'a download of a file with a fragment',
      `ADD https://example.test/x#${COMMIT} /x`,
      'DOWNLOAD 2:1',
    ],
    ['a branch in a query', 'ADD https://example.test/x.git?branch=main /x', 'DOWNLOAD 2:1'],
    ['a repository of another account', 'ADD me@example.test:x.git /x', 'DOWNLOAD 2:1'],
    ['a branch', 'ADD https://example.test/x.git#main /x', 'DOWNLOAD 2:1'],
    ['a repository over SSH', 'ADD git@example.test:x.git /x', 'DOWNLOAD 2:1'],
    ['an address in a variable', 'ADD $ADDRESS /x', 'DOWNLOAD 2:1'],
    ['a download that is put off', 'ONBUILD ADD https://example.test/x /x', 'DOWNLOAD 2:9'],
  ])('%s, once', (_, line, problem) => {
    expect(unpinnedIn(`FROM scratch\n${line}`)).toEqual([problem]);
  });
});

test.each([
  ['of another language', '// syntax=x:1\nrun', 'FROM 1:11'],
  ['of another language, behind a shebang', '#!/bin/x\n//syntax=x:1\nrun', 'FROM 2:10'],
  ['of another language, with Windows line ends', '//syntax=x:1\r\nrun\r\n', 'FROM 1:10'],
  ['in JSON', '{\n"syntax": "x:1"\n}', 'FROM 1:1'],
  ['in JSON, behind a byte order mark', '\uFEFF{ "syntax": "x:1" }', 'FROM 1:1'],
  ['in JSON, behind a shebang', '#!/bin/x\n{ "syntax": "x:1" }', 'FROM 2:1'],
])('rejected: a front end %s', (_, text, problem) => {
  expect(unpinnedIn(text)).toContain(problem);
  const pinned = text.replace('x:1', `x@${DIGEST}`);
  expect(unpinnedIn(pinned).filter((each) => each.startsWith('FROM'))).toEqual([]);
});

const LINES = Object.entries(LABELS).flatMap(([label, argument]) => [
  `ARG ${argument}`,
  `LABEL ${label}="\${${argument}}"`,
]);
const ALL = LINES.join('\n');
const LATER = LINES.slice(1).join('\n');
const VERSION = 'org.opencontainers.image.version';

/** The remedy for the labels of the stage that is built; `undefined` when it sets all. */
function labelRemedy(text: string, target?: string): string | undefined {
  const [problem, ...others] = checkLabels(parseDockerfile(text), target);
  expect(others).toEqual([]);
  return problem?.remedy;
}

describe('all labels are set', () => {
  test.each<[where: string, text: string, target?: string]>([
    ['on the stage that is built', `FROM scratch\n${ALL}`],
    ['on the target, not on the last one', `FROM scratch AS a\n${ALL}\nFROM scratch`, 'A'],
    ['on a stage that the built one starts from', `FROM scratch AS a\n${ALL}\nFROM a`],
    ['bare', `FROM scratch\n${ALL.replaceAll(/"\$\{(\w+)\}"/g, '$$$1')}`],
    ['wrong at first', `FROM scratch\nLABEL ${VERSION}=1\n${ALL}`],
    ['after arguments with defaults', `FROM scratch\n${ALL.replaceAll(/^ARG.*$/gm, '$&=none')}`],
    [
      'after one ARG for all arguments',
      `FROM scratch\nARG ${Object.values(LABELS).join(' ')}\n${ALL.replaceAll(/^ARG.*$/gm, '')}`,
    ],
  ])('%s', (_, text, target) => {
    expect(labelRemedy(text, target)).toBeUndefined();
  });
});

describe('a label is not set', () => {
  test.each([
    ['an argument declared before FROM only', `ARG VERSION\nFROM scratch\n${LATER}`],
    ['an argument declared too late', `FROM scratch\n${LATER}\nARG VERSION`],
    ['a text in place of the argument', `FROM scratch\n${ALL.replace('${VERSION}', '12')}`],
    ['single quotes', `FROM scratch\n${ALL.replace('"${VERSION}"', "'$VERSION'")}`],
    ['a wrong value set last', `FROM scratch\n${ALL}\nLABEL ${VERSION}=1`],
    ['an ENV that hides the argument', `FROM scratch\nENV VERSION=1\n${ALL}`],
    ['an ENV of the stage before', `FROM scratch AS a\nENV VERSION=1\nFROM a\n${ALL}`],
    [
      'another stage than the built one',
      `FROM scratch AS a\n${ALL}\nFROM scratch\n${ALL.replace('n="${VERSION}"', 'n=x')}`,
    ],
  ])('by %s', (_, text) => {
    const remedy = labelRemedy(text);
    expect(remedy).toContain(`LABEL ${VERSION}=`);
    expect(remedy?.includes('rename the ENV VERSION')).toBe(text.includes('ENV'));
  });

  test('in a stage without any: the remedy has every line, or those that are missing', () => {
    expect(labelRemedy('FROM scratch\nRUN x')?.split(/\n */).slice(1)).toEqual(LINES);
    const text = `FROM scratch\n${LINES.filter((_, at) => at !== 3).join('\n')}`;
    expect(labelRemedy(text)?.split(/\n */).slice(1)).toEqual([LINES[3]]);
  });
});
