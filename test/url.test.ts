import { expect, test } from 'vitest';
import { plainUrl } from '../src/url.ts';

test.each([
  ['https://cloud.example/a/b.qcow2', 'https://cloud.example/a/b.qcow2'],
  ['http://me:secret@cloud.example:81/b', 'http://cloud.example:81/b'],
  ['https://cloud.example/b?signature=secret#part', 'https://cloud.example/b'],
  ['secret', "a URL that can't be read"],
])('messages name %s without secrets', (url, expected) => {
  expect(plainUrl(url)).toBe(expected);
});
