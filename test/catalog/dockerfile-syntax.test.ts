import { describe, expect, test } from 'vitest';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import { checkDownloads, checkFrom } from '../../src/catalog/check-sources.ts';
import { checkLabels } from '../../src/catalog/check-labels.ts';
import { parseDockerfile } from '../../src/catalog/dockerfile.ts';
import type { Dockerfile } from '../../src/catalog/dockerfile.ts';

function dockerfileOf(text: string): Dockerfile {
  const parsed = parseDockerfile(text);
  if ('dockerfile' in parsed) return parsed.dockerfile;
  throw new Error(JSON.stringify(parsed.problems));
}

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
    const findings = checkFrom(dockerfileOf(`FROM scratch\n${heredoc}\nCOPY --from=x / /`));
    expect(findings.map((each) => each.line)).toEqual([line]);
  });
});

test('each name of an ARG is declared', () => {
  expect(codesOf('ARG VERSION BASE\nFROM $BASE')).toEqual([]);
  const all = Object.values(LABELS).join(' ');
  const labels = Object.entries(LABELS).map(([label, name]) => `LABEL ${label}=$${name}`);
  const dockerfile = dockerfileOf(`FROM scratch\nARG ${all}\n${labels.join('\n')}`);
  expect(checkLabels(dockerfile, undefined)).toEqual([]);
});
