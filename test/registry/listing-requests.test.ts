import { describe, expect, test } from 'vitest';
import { nextPage } from '../../src/registry/listing-requests.ts';
import { failureOf, registryWith, REPOSITORY, wantsLogin } from './client-of.ts';

const json = (value: unknown, headers = {}) => ({
  status: 200,
  body: JSON.stringify(value),
  headers,
});

describe('listTags', () => {
  test('follows Link to the last page, and gives each tag once', async () => {
    const link = `</v2/${REPOSITORY}/tags/list?last=b&n=1000>; rel="next"`;
    const pages = [json({ tags: ['a', 'b'] }, { link }), json({ tags: ['b', 'c'] })] as const;
    const { asked, client } = await registryWith([...pages]);
    expect(await client.listTags(REPOSITORY)).toEqual(['a', 'b', 'c']);
    expect(asked.map(({ url }) => url)).toEqual([
      `/v2/${REPOSITORY}/tags/list?n=1000`,
      `/v2/${REPOSITORY}/tags/list?last=b&n=1000`,
    ]);
  });

  test.each([
    ['"tags": null as none', json({ name: REPOSITORY, tags: null }), []],
    ['a 404 as a repository that is not there', { status: 404 }, undefined],
  ])('reads %s', async (_, line, tags) => {
    expect(await (await registryWith(line)).client.listTags(REPOSITORY)).toEqual(tags);
  });

  test.each(['<html>', '{"tags":[1]}', '[]'])('refuses %s', async (body) => {
    const { client } = await registryWith({ status: 200, body });
    expect((await failureOf(client.listTags(REPOSITORY))).code).toBe('REGISTRY_ANSWER');
  });

  test('asks for what follows a full page without Link, and ends where the registry begins anew', async () => {
    const names = Array.from({ length: 1000 }, (_, number) => `t${1000 + number}`);
    const tags = `/v2/${REPOSITORY}/tags/list?n=1000`;
    const short = await registryWith([json({ tags: names }), json({ tags: ['z'] })]);
    expect(await short.client.listTags(REPOSITORY)).toEqual([...names, 'z']);
    expect(short.asked.map(({ url }) => url)).toEqual([tags, `${tags}&last=t1999`]);
    const again = await registryWith([json({ tags: names }), json({ tags: names })]);
    expect(await again.client.listTags(REPOSITORY)).toEqual(names);
    expect(again.asked).toHaveLength(2);
  });

  test('gives up on pages that have no end', async () => {
    // Without a server: a thousand answers from memory take no time.
    const headers = { link: '</v2/x/tags/list?again>; rel="next"' };
    const fetch = () => Promise.resolve(new Response('{"tags":[]}', { headers }));
    const { client } = await registryWith({ status: 500 }, { fetch });
    expect((await failureOf(client.listTags(REPOSITORY))).message).toContain('no end');
  });
});

describe('listManifests', () => {
  const [A, B] = ['a', 'b'].map((each) => `sha256:${each.repeat(64)}`);
  const ofGoogle = (digest = '', tag?: readonly string[], timeUploadedMs?: string) => {
    const facts = { mediaType: 'x', imageSizeBytes: '7', tag, timeUploadedMs };
    return { manifest: { [digest]: facts } };
  };

  test('gives what Google lists beside the tags, of all pages, also without tags', async () => {
    const link = `</v2/${REPOSITORY}/tags/list?last=b&n=1000>; rel="next"`;
    const timed = ofGoogle(A, ['v1'], '1767225600000');
    const pages = [json(timed, { link }), json(ofGoogle(B, undefined, 'odd'))] as const;
    const { client } = await registryWith([...pages]);
    expect(await client.listManifests(REPOSITORY)).toEqual([
      { digest: A, mediaType: 'x', tags: ['v1'], uploadedAt: new Date('2026-01-01') },
      { digest: B, mediaType: 'x', tags: [] },
    ]);
  });

  test.each([
    ['lists tags alone', json({ tags: ['a'] })],
    ['has no such repository', { status: 404 }],
  ])('gives nothing where the registry %s', async (_, line) => {
    expect(await (await registryWith(line)).client.listManifests(REPOSITORY)).toBeUndefined();
  });
});

describe('listRepositories', () => {
  test('leaves out what is no repository name', async () => {
    const { client } = await registryWith(json({ repositories: ['a/b', 'NO', 'c'] }));
    expect(await client.listRepositories()).toEqual(['a/b', 'c']);
  });

  test('an absent listing is an error, not an empty registry', async () => {
    const { client } = await registryWith({ status: 404 });
    expect((await failureOf(client.listRepositories())).code).toBe('REGISTRY_ANSWER');
  });
});

describe('listBelow', () => {
  const catalog = { repositories: ['ci/debian-12/a', 'ci/debian-12/b/c', 'ci/debian-12', 'x'] };

  test.each([
    ["Google's list of children", [json({ child: ['a', 'b'], tags: [] })], ['a', 'b']],
    ["Google's list without any", [json({ child: [] })], []],
    ['the catalog elsewhere', [{ status: 404 }, json(catalog)], ['a']],
    ['the catalog beside tags', [json({ tags: ['v1'] }), json(catalog)], ['a']],
    ['no list where there is none', [{ status: 404 }, { status: 404 }], undefined],
    ['no list where it is denied', [{ status: 404 }, { status: 403 }], undefined],
    ['the catalog where the path is refused', [{ status: 401 }, json(catalog)], ['a']],
    ['no list where all of it is refused', [{ status: 403 }, { status: 403 }], undefined],
    ['no list where it is not allowed', [{ status: 404 }, { status: 405 }], undefined],
  ] as const)('reads %s', async (_, [first, ...others], expected) => {
    const { client } = await registryWith([first, ...others], { mayMake: 'later' });
    expect(await client.listBelow(REPOSITORY)).toEqual(expected);
  });

  test('a refusal is an error where no push makes a repository: there are children, or none', async () => {
    const { client } = await registryWith({ status: 403 });
    expect((await failureOf(client.listBelow(REPOSITORY))).code).toBe('REGISTRY_DENIED');
  });

  test('asks for no right to push: the path would become a repository', async () => {
    const line = wantsLogin(() => ({ status: 403 }));
    const credentials = { username: 'robot', password: 'secret' };
    const { client, asked } = await registryWith(line, { credentials, mayMake: 'now' });
    expect(await client.listBelow(REPOSITORY)).toBeUndefined();
    expect(asked.filter(({ url }) => url.includes('/tags/list'))).toHaveLength(2);
  });

  test.each([
    ['a catalog that fails', [{ status: 404 }, { status: 200, body: '[]' }]],
    ['tags that may not be listed', [{ status: 405 }, json(catalog)]],
  ] as const)('%s: an error', async (_, [first, ...others]) => {
    const { client } = await registryWith([first, ...others]);
    expect((await failureOf(client.listBelow(REPOSITORY))).code).toBe('REGISTRY_ANSWER');
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
    ['</v2/x>; title="a"; rel="prev next"', '/v2/x'],
    ['</v2/x>; REL=Next, </v2/y>; rel=prev', '/v2/x'],
    ['<https://registry.test//evil.test/x>; rel="next"', '//evil.test/x'],
    ['<https://registry.test/\\evil.test/x>; rel="next"', '//evil.test/x'],
  ])('is at the same registry: %s', (link, path) => {
    expect(nextPage(link, current)?.href).toBe(`https://registry.test${path}`);
  });

  test.each([null, '', '</v2/a>; rel="prev"', 'nonsense', '</v2/a>', '</v2/a>; rel=nextish'])(
    'is none: %s',
    (link) => {
      expect(nextPage(link, current)).toBeUndefined();
    },
  );

  test.each(['http://[', 'mailto:next', 'file:///etc/passwd'])(
    'is an error where %s is no address, not the end',
    (target) => {
      expect(() => nextPage(`<${target}>; rel=next`, current)).toThrow(/^REGISTRY_ANSWER /);
    },
  );
});
