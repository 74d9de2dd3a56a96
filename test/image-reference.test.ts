import { expect, test } from 'vitest';
import {
  formatImageReference,
  isPlatformTag,
  parseImageReference,
} from '../src/image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  'docker.io/library/debian',
  'docker.io/library/debian:12-slim',
  `127.0.0.1:5000/a@${DIGEST}`,
  `localhost/a-b/c__d:_x.Y@${DIGEST}`,
  '[::1]:5000/a:1',
])('%s is a reference', (text) => {
  const reference = parseImageReference(text);
  expect(reference && formatImageReference(reference)).toBe(text);
});

test.each([
  ['without a registry', 'debian:12'],
  ['with a path in place of the registry', 'library/debian:12'],
  ['with an empty tag', 'docker.io/a:'],
  ['with two tags', 'docker.io/a:1:2'],
  ['with a short digest', `docker.io/a@${DIGEST.slice(0, -1)}`],
  ['with two digests', `docker.io/a@${DIGEST}@${DIGEST}`],
  ['with the tag behind the digest', `docker.io/a@${DIGEST}:1`],
  ['in capitals', 'docker.io/Debian'],
  ['with a part that is empty', 'docker.io/a//b'],
  ['with a line more', 'docker.io/a:1\n'],
  ['of 256 characters', `docker.io/${'a'.repeat(256)}`],
])('no reference: a name %s', (_, text) => {
  expect(parseImageReference(text)).toBeUndefined();
});

const HEX = 'ab'.repeat(16);

test.each([
  [`${HEX}-linux-amd64`, true],
  [`${HEX}-linux-arm-v7`, true],
  [HEX, false],
  [`${HEX}-linux`, false],
  [`${HEX}-`, false],
  [`${HEX.slice(1)}-linux-amd64`, false],
  ['release-linux-amd64', false],
  [`sha256-${HEX}${HEX}.sig`, false],
])('%s is a platform tag: %s', (tag, expected) => {
  expect(isPlatformTag(tag)).toBe(expected);
});
