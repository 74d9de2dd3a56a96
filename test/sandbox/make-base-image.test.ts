import { expect, test } from 'vitest';
import { debianSuite } from '../../infra/sandbox/make-base-image.ts';

test.each([
  ['docker.io/library/debian:bookworm-slim', 'bookworm'],
  ['docker.io/library/debian:trixie', 'trixie'],
  ['docker.io/library/debian:12-slim', undefined],
  ['docker.io/library/ubuntu:noble', undefined],
  ['quay.io/library/debian:bookworm', undefined],
  ['docker.io/library/debian', undefined],
])('the suite of %s is %s', (text, suite) => {
  expect(debianSuite(text)).toBe(suite);
});
