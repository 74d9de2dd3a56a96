import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { expectExplained } from './expect-explained.ts';
import { mutated, randomOf } from './mutations.ts';
import { notesOf, putNote } from '../../src/merge-request/notes.ts';
import { openPullRequest } from '../../src/merge-request/open-pull-request.ts';
import {
  parseDigest,
  parseRegistry,
  parseRepository,
  parseTag,
} from '../../src/image-reference.ts';
import { findDisks } from '../../src/refresh/publishers/find-disks.ts';
import { artifactRegistry } from '../../src/google/artifact-registry.ts';
import { credentialsFor } from '../../src/registry/credentials.ts';
import { digestOf, manifestPlatforms } from '../../src/registry/manifest.ts';
import { readInventory } from '../../src/google/read-inventory.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { page, pin, sum } from '../refresh/publishers/some-site.ts';

const TIMEOUT = { timeout: 300_000 };
const REGISTRY = known(parseRegistry('registry.test:5000'));
const REPOSITORY = known(parseRepository('ci/debian-12'));
const TAG = known(parseTag('latest'));
const DIGEST = known(parseDigest(`sha256:${'a'.repeat(64)}`));
const INDEX = 'application/vnd.oci.image.index.v1+json';
const NAME = 'projects/p/locations/us/repositories/images';

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a fixture does not parse');
  return value;
}

/** A header as a server can send it. */
const sendable = (text: string) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();

/** A world that says the same to every question, and where waits take no time. */
const wireOf = (answer: (url: URL, init?: RequestInit) => Response) => ({
  fetch: ((url: URL, init?: RequestInit) =>
    Promise.resolve(answer(new URL(url), init))) as typeof globalThis.fetch,
  sleep: () => Promise.resolve(),
});

const clientOf = (answer: (url: URL, init?: RequestInit) => Response) =>
  registryClient({
    registry: REGISTRY,
    credentials: { username: 'ci', password: 's3cret' },
    ...wireOf(answer),
  });

afterEach(() => {
  vi.unstubAllGlobals();
});

test(
  'a Docker config, broken in many ways, is an account or a mistake in words',
  TIMEOUT,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fuzz-docker-config-'));
    const account = { auth: Buffer.from('ci:s3cret').toString('base64'), email: 'a@b.test' };
    const text = JSON.stringify({
      auths: { [REGISTRY]: account, 'https://index.docker.io/v1/': { identitytoken: 's3cret' } },
      credHelpers: { 'other.test': 'none' },
    });
    try {
      // No helper is on its PATH.
      const env = { DOCKER_CONFIG: folder, PATH: folder };
      await expectExplained(text, async (input) => {
        await writeFile(join(folder, 'config.json'), input);
        await credentialsFor(REGISTRY, env);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

const POLICIES = JSON.stringify({
  ...{ name: NAME, cleanupPolicyDryRun: true },
  cleanupPolicies: {
    old: { id: 'old', action: 'DELETE', condition: { olderThan: '86400s', tagState: 'ANY' } },
    newest: { id: 'newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  },
});
const VERSIONS = JSON.stringify({
  dockerImages: ['debian-12', 'a%2Fb'].map((image) => ({
    name: `${NAME}/dockerImages/${image}@${DIGEST}`,
    ...{ uploadTime: '2026-03-01T12:00:00.123456Z', imageSizeBytes: '7', mediaType: INDEX },
    ...{ tags: ['latest'], imageManifests: [{ digest: DIGEST }] },
  })),
});
const GOOGLE_NO = JSON.stringify({ error: { code: 403, message: 'no', status: 'DENIED' } });

test.each([
  ['the policies', POLICIES, 200],
  ['the versions', VERSIONS, 200],
  ['a refusal', GOOGLE_NO, 403],
])(
  "Google's answer with %s, broken in many ways, is read or explained",
  TIMEOUT,
  (_, text, status) =>
    expectExplained(text, async (input) => {
      const address = {
        project: 'p',
        location: 'us',
        repositoryId: 'images',
        accessToken: 's3cret',
      };
      const wire = wireOf(() => new Response(input, { status }));
      const api = artifactRegistry({ endpoint: new URL('https://a.test/v1/'), ...address }, wire);
      const failed = await api.readPolicies().catch((error: unknown) => error);
      const images = await api.listImages();
      await readInventory(images, { getManifest: () => Promise.resolve(undefined) }, REPOSITORY);
      if (failed instanceof Error) throw failed;
    }),
);

const MANIFEST = JSON.stringify({
  ...{ schemaVersion: 2, mediaType: INDEX },
  manifests: [{ digest: DIGEST, size: 1, platform: { os: 'linux', architecture: 'amd64' } }],
});
const IMAGE = JSON.stringify({ schemaVersion: 2, config: { digest: DIGEST, size: 1 }, layers: [] });
const CONFIG = JSON.stringify({ os: 'linux', architecture: 'arm64', variant: 'v8' });

test.each([
  ['index', MANIFEST, CONFIG],
  ['manifest', IMAGE, CONFIG],
])("a registry's %s, broken in many ways, is read or explained", TIMEOUT, (_, text, config) =>
  expectExplained(text, async (input) => {
    const client = clientOf(() => new Response(input, { headers: { 'content-type': INDEX } }));
    const manifest = known(await client.getManifest(REPOSITORY, TAG));
    const getBlob = () => Promise.resolve(Buffer.from(config));
    await manifestPlatforms(manifest, REPOSITORY, { getBlob });
    const listed = { image: 'a', digest: DIGEST, tags: [], sizeBytes: 1, uploadedAt: new Date(0) };
    const index = { ...listed, mediaType: INDEX, parts: undefined };
    await readInventory([index], { getManifest: () => Promise.resolve(manifest) }, REPOSITORY);
  }),
);

test("an image's configuration, broken in many ways, is read or explained", TIMEOUT, () =>
  expectExplained(CONFIG, async (input) => {
    const bytes = Buffer.from(IMAGE);
    const manifest = { digest: digestOf(bytes), mediaType: INDEX, bytes };
    await manifestPlatforms(manifest, REPOSITORY, {
      getBlob: () => Promise.resolve(Buffer.from(input)),
    });
  }),
);

test.each([
  ['tags', JSON.stringify({ name: REPOSITORY, tags: ['a', 'b-1.0', 'latest'] })],
  ['repositories', JSON.stringify({ repositories: ['a/b', 'c'] })],
])("a registry's list of %s, broken in many ways, is read or explained", TIMEOUT, (what, text) =>
  expectExplained(text, async (input, seed) => {
    const link = sendable(mutated(`</v2/x?last=b>; rel="next"`, randomOf(seed)));
    const client = clientOf(
      ({ search }) =>
        // A second page ends it.
        new Response(input, search.includes('n=') ? { headers: { link } } : {}),
    );
    await (what === 'tags' ? client.listTags(REPOSITORY) : client.listRepositories());
  }),
);

const CHALLENGE = `Bearer realm="https://auth.test/token",service="registry.test",scope="repository:a:pull"`;
const TOKEN = JSON.stringify({ token: 'abc.def', access_token: 'abc.def', expires_in: 60 });
const REFUSAL = JSON.stringify({ errors: [{ code: 'DENIED', message: 'no s3cret', detail: {} }] });
const HEADERS = `${DIGEST}\n1234\n${INDEX}; charset=utf-8\n120`;

const asks = (url: URL) => url.pathname.startsWith('/v2/');
const isLoggedIn = (init?: RequestInit) => new Headers(init?.headers).has('authorization');

/** How the registry answers a question about one manifest, when a broken text is what it says. */
const REGISTRIES: readonly [
  string,
  string,
  (text: string, url: URL, init?: RequestInit) => Response,
][] = [
  [
    'challenge',
    CHALLENGE,
    (text, url, init) => {
      if (!asks(url)) return new Response(TOKEN);
      if (isLoggedIn(init)) return new Response(null, { status: 404 });
      return new Response('', { status: 401, headers: { 'www-authenticate': sendable(text) } });
    },
  ],
  [
    'token',
    TOKEN,
    (text, url, init) => {
      if (!asks(url)) return new Response(text);
      if (isLoggedIn(init)) return new Response(null, { status: 404 });
      return new Response('', { status: 401, headers: { 'www-authenticate': CHALLENGE } });
    },
  ],
  ['refusal', REFUSAL, (text) => new Response(text, { status: 403 })],
  [
    'headers',
    HEADERS,
    (text) => {
      const [digest = '', length = '', type = '', later = ''] = text.split('\n').map(sendable);
      const headers = { 'docker-content-digest': digest, 'content-length': length };
      const more = { 'content-type': type, 'retry-after': later };
      return new Response(null, {
        status: length === '' ? 429 : 200,
        headers: { ...headers, ...more },
      });
    },
  ],
];

test.each(REGISTRIES)(
  "a registry's %s, broken in many ways, is understood or explained, and no secret is told",
  TIMEOUT,
  (_, text, answer) =>
    expectExplained(text, async (input) => {
      const client = clientOf((url, init) => answer(input, url, init));
      await client.headManifest(REPOSITORY, TAG).catch((error: unknown) => {
        expect(String(error)).not.toContain('s3cret');
        throw error;
      });
      await client.deleteTag(REPOSITORY, TAG);
    }),
);

const PULLS = JSON.stringify([
  { number: 7, state: 'open', html_url: 'https://h.test/7', head: { sha: 'f'.repeat(40) } },
]);
const NOTES = JSON.stringify([{ id: 1, body: '<!-- kubernetes-ci-images -->', author: { id: 1 } }]);
const ACCESS = { api: 'https://h.test', repository: 'some/project', token: 's3cret' };
const REQUEST = { head: 'h', base: 'main', title: 't', body: 'b' };

const HOSTS: readonly [string, string, number, () => Promise<unknown>][] = [
  ['pull requests', PULLS, 200, () => openPullRequest(ACCESS, REQUEST, 'f'.repeat(40))],
  ['refusals', '{"message":"no","errors":[{}]}', 422, () => openPullRequest(ACCESS, REQUEST, 'f')],
  [
    'comments',
    NOTES,
    200,
    () =>
      putNote(notesOf({ host: 'github', ...ACCESS, number: '7' }), 'prod', 'text', {
        mostTries: 1,
      }),
  ],
  [
    'notes',
    NOTES,
    200,
    () => {
      const { api, token } = ACCESS;
      const request = { host: 'gitlab', api, token, project: '1', number: '7' } as const;
      return putNote(notesOf(request), 'prod', 'text', { mostTries: 1 });
    },
  ],
];

test.each(HOSTS)(
  "a code host's %s, broken in many ways, are read or explained",
  TIMEOUT,
  (_, text, status, ask) =>
    expectExplained(text, async (input) => {
      const fetch = (url: URL) =>
        Promise.resolve(
          url.pathname.endsWith('/user')
            ? Response.json({ id: 1 })
            : new Response(input, { status }),
        );
      vi.stubGlobal('fetch', fetch);
      await ask();
    }),
);

const FEDORA = 'https://download.fedoraproject.org/pub/releases/41/Cloud/x86_64/images/';
const DISKS: readonly [distribution: string, version: string, url: string, list: string][] = [
  [
    'ubuntu',
    '24.04',
    'https://cloud-images.ubuntu.com/noble/20260323/noble-server-cloudimg-amd64.img',
    page('20260323/', '20260401/'),
  ],
  [
    'debian',
    '12',
    'https://cloud.debian.org/images/cloud/bookworm/20260101-2000/debian-12-genericcloud-amd64-20260101-2000.qcow2',
    page('20260101-2000/', '20260201-2010/'),
  ],
  [
    'fedora',
    '41',
    `${FEDORA}Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2`,
    page('Fedora-Cloud-41-1.4-x86_64-CHECKSUM'),
  ],
  [
    'almalinux',
    '9',
    'https://repo.almalinux.org/almalinux/9.5/cloud/x86_64/images/AlmaLinux-9-GenericCloud-9.5-20241120.x86_64.qcow2',
    page('9.4/', '9.5/', '9.6/'),
  ],
  [
    'flatcar',
    '4081.2.0',
    'https://stable.release.flatcar-linux.net/amd64-usr/4081.2.0/flatcar_production_qemu_image.img',
    page('4081.2.0/', '4152.2.0/'),
  ],
  [
    'opensuse',
    '15.6',
    'https://download.opensuse.org/distribution/leap/15.6/appliances/openSUSE-Leap-15.6-Minimal-VM.x86_64-15.6.0-Cloud-Build16.2.qcow2',
    '{"data":[{"name":"openSUSE-Leap-15.6-Minimal-VM.x86_64-15.6.0-Cloud-Build16.2.qcow2"},{"name":"a.sha256"}]}',
  ],
];

test.each(DISKS)(
  'what the publisher of %s lists, broken in many ways, is understood or explained',
  TIMEOUT,
  (distribution, version, url, list) => {
    const file = url.slice(url.lastIndexOf('/') + 1);
    const sums = `${sum('b').slice('sha256:'.length)}  ${file}\nSHA256 (${file}) = ${'c'.repeat(64)}\n`;
    return expectExplained(list, async (input, seed) => {
      const broken = mutated(sums, randomOf(seed));
      const ask = (place: string) => Promise.resolve(/\/(?:\?.*)?$/.test(place) ? input : broken);
      await findDisks([pin(distribution, version, url)], ask);
    });
  },
);
