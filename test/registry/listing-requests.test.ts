import { describe, expect, test } from 'vitest';
import { nextPage } from '../../src/registry/listing-requests.ts';
import { clientOf, failureOf, REPOSITORY } from './client-of.ts';
import { scriptedServer } from './scripted-server.ts';

const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value) });
const next = (target: string) => ({ headers: { link: `<${target}>; rel="next"` } });

describe('listTags', () => {
  test('follows Link to the last page, and gives each tag once', async () => {
    const server = await scriptedServer(
      { ...json({ tags: ['a', 'b'] }), ...next(`/v2/${REPOSITORY}/tags/list?last=b&n=1000`) },
      json({ tags: ['b', 'c'] }),
    );
    await expect(clientOf(server).client.listTags(REPOSITORY)).resolves.toEqual(['a', 'b', 'c']);
    expect(server.asked.map(({ url }) => url)).toEqual([
      `/v2/${REPOSITORY}/tags/list?n=1000`,
      `/v2/${REPOSITORY}/tags/list?last=b&n=1000`,
    ]);
  });

  test('reads "tags": null as none', async () => {
    const server = await scriptedServer(json({ name: REPOSITORY, tags: null }));
    await expect(clientOf(server).client.listTags(REPOSITORY)).resolves.toEqual([]);
  });

  test('tells a repository that is not there from an empty one', async () => {
    const server = await scriptedServer({ status: 404 });
    await expect(clientOf(server).client.listTags(REPOSITORY)).resolves.toBeUndefined();
  });

  test.each(['<html>', '{"tags":[1]}', '[]'])('refuses %s', async (body) => {
    const server = await scriptedServer({ status: 200, body });
    const failure = await failureOf(clientOf(server).client.listTags(REPOSITORY));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  test('gives up on pages that have no end', async () => {
    // Without a server: a thousand answers from memory take no time.
    const headers = { link: '</v2/x/tags/list?again>; rel="next"' };
    const fetch = () => Promise.resolve(new Response('{"tags":[]}', { headers }));
    const server = await scriptedServer({ status: 500 });
    const failure = await failureOf(clientOf(server, { fetch }).client.listTags(REPOSITORY));
    expect(failure.message).toContain('no end');
  });
});

describe('listRepositories', () => {
  test('leaves out what is no repository name', async () => {
    const server = await scriptedServer(json({ repositories: ['a/b', 'NO', 'c'] }));
    await expect(clientOf(server).client.listRepositories()).resolves.toEqual(['a/b', 'c']);
  });

  test('an absent listing is an error, not an empty registry', async () => {
    const server = await scriptedServer({ status: 404 });
    const failure = await failureOf(clientOf(server).client.listRepositories());
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });
});

describe('the next page', () => {
  const current = new URL('https://registry.test/v2/a/tags/list?n=2');

  test.each([
    ['</v2/a/tags/list?last=b>; rel="next"', '/v2/a/tags/list?last=b'],
    ['<https://registry.test/v2/a/tags/list?last=b>; rel=next', '/v2/a/tags/list?last=b'],
    ['<?n=2&last=b>; rel="next"', '/v2/a/tags/list?n=2&last=b'],
    ['</v2/a>; rel="first", </v2/a/tags/list?last=b>; rel="next"', '/v2/a/tags/list?last=b'],
    ['<http://inside:5000/v2/x?last=b>; rel="next"', '/v2/x?last=b'],
    ['<//evil.test/v2/x>; rel="next"', '/v2/x'],
    ['<https://registry.test//evil.test/x>; rel="next"', '//evil.test/x'],
    ['<https://registry.test/\\evil.test/x>; rel="next"', '//evil.test/x'],
  ])('is at the same registry: %s', (link, path) => {
    expect(nextPage(link, current)?.href).toBe(`https://registry.test${path}`);
  });

  test.each([null, '', '</v2/a>; rel="prev"', 'nonsense', '</v2/a>'])('is none: %s', (link) => {
    expect(nextPage(link, current)).toBeUndefined();
  });

  test.each(['http://[', 'mailto:next', 'file:///etc/passwd'])(
    'is an error where %s is no address, not the end',
    (target) => {
      expect(() => nextPage(`<${target}>; rel=next`, current)).toThrow(/^REGISTRY_ANSWER /);
    },
  );
});
