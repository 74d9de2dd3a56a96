import { describe, expect, test } from 'vitest';
import { parseRegistry, type Registry } from '../../../src/image-reference.ts';
import { baseFinder } from '../../../src/refresh/lookup/base-finder.ts';
import { digestOf } from '../../../src/registry/manifest.ts';
import type { FoundBase, WantedBase } from '../../../src/refresh/refresh-bases.ts';
import { RegistryError } from '../../../src/registry/registry-error.ts';
import { memoryRegistry } from '../../oci/memory-registry.ts';
import { clientOf, OTHER_DIGEST, REPOSITORY, TAG } from '../../registry/client-of.ts';
import { known } from '../../support/fixtures.ts';
import { scriptedServer, type Line, type Reply } from '../../registry/scripted-server.ts';

const INDEX = JSON.stringify({
  manifests: [{ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }],
});
/** The response of a registry that has `body` under any name. */
function holding(body: string, digest = digestOf(new TextEncoder().encode(body))): Reply {
  const headers = {
    'content-type': 'application/vnd.oci.image.index.v1+json',
    'content-length': String(Buffer.byteLength(body)),
    'docker-content-digest': digest,
  };
  return { status: 200, headers, body };
}

const FOUND = holding(INDEX);
const signal = new AbortController().signal;
const DIGEST = digestOf(new TextEncoder().encode(INDEX));

type Pins = WantedBase['pins'];

function wanted(registry: Registry, name: string, pins: Pins = [undefined]): WantedBase {
  const reference = { registry, repository: REPOSITORY, tag: TAG };
  return { name, reference, pins, isForSeveral: false, isCopied: false };
}

/** Looks up one base at a server with these lines. */
async function lookUp(pins: Pins, ...script: [Line, ...Line[]]) {
  const server = await scriptedServer(...script);
  const { client } = clientOf(server);
  const find = baseFinder(() => Promise.resolve(client));
  const found = await find([wanted(server.registry, 'a', pins)]);
  return { found: found.get('a'), asked: server.asked };
}

function codeOf(found: FoundBase | undefined): string | undefined {
  return found !== undefined && 'failure' in found ? found.failure.code : undefined;
}

describe('a base', () => {
  test('that has not moved takes one HEAD, which is no pull', async () => {
    const { found, asked } = await lookUp([DIGEST, DIGEST], FOUND);
    expect(found).toEqual({ digest: DIGEST, platforms: [] });
    expect(asked.map(({ method }) => method)).toEqual(['HEAD']);
  });

  test.each([[[OTHER_DIGEST]], [[undefined]], [[DIGEST, OTHER_DIGEST]]])(
    'that is not the pin of all is read by its digest: %j',
    async (pins) => {
      const { found, asked } = await lookUp(pins, FOUND);
      expect(found).toEqual({ digest: DIGEST, platforms: ['linux/arm64/v8'] });
      expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
        `HEAD /v2/${REPOSITORY}/manifests/${TAG}`,
        `GET /v2/${REPOSITORY}/manifests/${DIGEST}`,
      ]);
    },
  );
});

test('of what is copied, the images of the tag and of each pin that is there are read', async () => {
  const held = memoryRegistry();
  const client = await held.connect(known(parseRegistry('quay.example')), signal);
  const platform = Buffer.from('{"os":"linux","architecture":"amd64"}');
  const config = { digest: await client.putBlob(REPOSITORY, platform) };
  const image = held.push(JSON.stringify({ config, layers: [] }));
  const named = { digest: image, platform: { os: 'linux', architecture: 'amd64' } };
  const index = held.push(JSON.stringify({ manifests: [named] }), TAG);
  const find = baseFinder(() => Promise.resolve(client));
  const base = wanted(known(parseRegistry('quay.example')), 'a', [image, OTHER_DIGEST, undefined]);
  const images = new Map<string, object>([
    [image, { 'linux/amd64': image }],
    [OTHER_DIGEST, {}],
    [index, { 'linux/amd64': image }],
  ]);
  const all = { digest: index, platforms: ['linux/amd64'] };
  expect((await find([base])).get('a')).toEqual(all);
  expect((await find([{ ...base, isCopied: true }])).get('a')).toEqual({ ...all, images });
});

describe('there is a reason instead of a base', () => {
  test.each<[what: string, code: string, script: [Line, ...Line[]]]>([
    ['the tag is gone', 'BASE_MISSING', [{ status: 404 }]],
    ['it goes meanwhile', 'BASE_MISSING', [FOUND, { status: 404 }]],
    ['it is denied', 'REGISTRY_DENIED', [{ status: 403 }]],
    ['there were too many requests', 'REGISTRY_RATE_LIMITED', [{ status: 429 }]],
    ['the digest is a lie', 'REGISTRY_ANSWER', [holding(INDEX, OTHER_DIGEST)]],
    ['it is no image', 'REGISTRY_ANSWER', [holding('{"layers":[]}')]],
  ])('when %s', async (_, code, script) => {
    const { found } = await lookUp([undefined], ...script);
    expect(codeOf(found)).toBe(code);
  });

  test('when the Docker config is broken, and nobody is asked', async () => {
    const server = await scriptedServer(FOUND);
    const broken = () => Promise.reject(new RegistryError('DOCKER_CONFIG', 'broken', 'mend it'));
    const found = await baseFinder(broken)([wanted(server.registry, 'a')]);
    expect(codeOf(found.get('a'))).toBe('DOCKER_CONFIG');
    expect(server.asked).toEqual([]);
  });
});

describe('of several bases', () => {
  test('those of another registry are found when one does not respond', async () => {
    const good = await scriptedServer(FOUND);
    const bad = await scriptedServer((_, response) => {
      response.destroy();
      return undefined;
    });
    const find = baseFinder((registry) => Promise.resolve(clientOf({ registry }).client));
    const found = await find([wanted(bad.registry, 'bad'), wanted(good.registry, 'good')]);
    expect(found.get('good')).toMatchObject({ digest: DIGEST });
    expect(codeOf(found.get('bad'))).toBe('REGISTRY_UNREACHABLE');
  });

  test('those after a lasting error of their registry are not looked up', async () => {
    const server = await scriptedServer({ status: 429 });
    const { client } = clientOf(server);
    const bases = Array.from({ length: 20 }, (_, at) => wanted(server.registry, `${at}`));
    const found = await baseFinder(() => Promise.resolve(client))(bases);
    expect([...found.values()].map(codeOf)).toEqual(Array(20).fill('REGISTRY_RATE_LIMITED'));
    const problem: unknown = expect.stringMatching(/^19 was not tried, since another failed: /);
    expect(found.get('19')).toMatchObject({ failure: { problem } });
    // 4 bases at once × 5 tries each
    expect(server.asked).toHaveLength(20);
  });

  test('one that is missing stops no other of its registry', async () => {
    const server = await scriptedServer(({ url }) =>
      url.includes('/gone') ? { status: 404 } : FOUND,
    );
    const base = wanted(server.registry, 'a');
    const reference = { ...base.reference, tag: 'gone' as typeof TAG };
    const find = baseFinder(() => Promise.resolve(clientOf(server).client));
    const found = await find([{ ...base, name: 'gone', reference }, base]);
    expect(codeOf(found.get('gone'))).toBe('BASE_MISSING');
    expect(found.get('a')).toMatchObject({ digest: DIGEST });
  });
});
