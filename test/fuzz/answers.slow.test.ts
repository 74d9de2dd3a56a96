import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { expectExplained } from './expect-explained.ts';
import { mutated, randomOf } from './mutations.ts';
import type { Environment } from '../../src/environment.ts';
import { artifactRegistry } from '../../src/google/artifact-registry.ts';
import { readInventory } from '../../src/google/read-inventory.ts';
import type { Registry } from '../../src/image-reference.ts';
import { noteTarget } from '../../src/merge-request/note-target.ts';
import { putNote } from '../../src/merge-request/notes.ts';
import { openPullRequest } from '../../src/merge-request/open-pull-request.ts';
import { findDisks } from '../../src/refresh/publishers/find-disks.ts';
import { credentialsFor } from '../../src/registry/credentials.ts';
import { digestOf, manifestPlatforms } from '../../src/registry/manifest.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { anyFile, DISKS, SITE } from '../refresh/publishers/some-site.ts';
import { DIGEST, REPOSITORY, TAG } from '../registry/client-of.ts';
import { known } from '../support/fixtures.ts';

const REGISTRY = 'registry.test:5000' as Registry;
const INDEX = 'application/vnd.oci.image.index.v1+json';
const NAME = 'projects/p/locations/us/repositories/images';

type Respond = (url: URL, init?: RequestInit) => Response;

/** A world that responds without a network, and where waits take no time. */
const wireOf = (respond: Respond) => ({
  fetch: ((url: URL, init?: RequestInit) =>
    Promise.resolve(respond(new URL(url), init))) as typeof globalThis.fetch,
  sleep: () => Promise.resolve(),
});

const clientOf = (respond: Respond) =>
  registryClient({
    registry: REGISTRY,
    credentials: { username: 'ci', password: 's3cret' },
    ...wireOf(respond),
  });

/** A header as a server can send it. */
const sendable = (text: string) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A response, and the code that reads it when it is broken. */
type Row = readonly [what: string, text: string, read: Read];
type Read = (input: string, seed: number) => Promise<unknown>;

const DOCKER_CONFIG = JSON.stringify({
  auths: {
    [REGISTRY]: { auth: Buffer.from('ci:s3cret').toString('base64'), email: 'a@b.test' },
    'https://index.docker.io/v1/': { identitytoken: 's3cret' },
  },
  credHelpers: { 'other.test': 'none' },
});

const folder = sharedFolder();

async function readDockerConfig(input: string): Promise<void> {
  writeFileSync(join(folder, 'config.json'), input);
  // No helper is on its PATH.
  await credentialsFor(REGISTRY, { DOCKER_CONFIG: folder, PATH: folder });
}

const POLICIES = JSON.stringify({
  name: NAME,
  cleanupPolicyDryRun: true,
  cleanupPolicies: {
    old: { id: 'old', action: 'DELETE', condition: { olderThan: '86400s', tagState: 'ANY' } },
    newest: { id: 'newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
  },
});
const VERSIONS = JSON.stringify({
  dockerImages: ['debian-12', 'a%2Fb'].map((image) => ({
    name: `${NAME}/dockerImages/${image}@${DIGEST}`,
    uploadTime: '2026-03-01T12:00:00.123456Z',
    imageSizeBytes: '7',
    mediaType: INDEX,
    tags: ['latest'],
    imageManifests: [{ digest: DIGEST, os: 'linux', architecture: 'amd64' }],
  })),
});
const GOOGLE_NO = JSON.stringify({ error: { code: 403, message: 'no', status: 'DENIED' } });

const ofGoogle =
  (status = 200): Read =>
  async (input) => {
    const place = { project: 'p', location: 'us', repositoryId: 'images', accessToken: 's3cret' };
    const api = artifactRegistry(
      { endpoint: new URL('https://a.test/v1/'), ...place },
      wireOf(() => new Response(input, { status })),
    );
    const failed = await api.readPolicies().catch((error: unknown) => error);
    const images = await api.listImages();
    await readInventory(images, { getManifest: () => Promise.resolve(undefined) }, REPOSITORY);
    if (failed instanceof Error) throw failed;
  };

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: INDEX,
  manifests: [{ digest: DIGEST, size: 1, platform: { os: 'linux', architecture: 'amd64' } }],
});
const IMAGE = JSON.stringify({ schemaVersion: 2, config: { digest: DIGEST, size: 1 }, layers: [] });
const CONFIG = JSON.stringify({ os: 'linux', architecture: 'arm64', variant: 'v8' });

const readManifest: Read = async (input) => {
  const client = clientOf(() => new Response(input, { headers: { 'content-type': INDEX } }));
  const manifest = await client.getManifest(REPOSITORY, TAG);
  if (manifest === undefined) return;
  const getBlob = () => Promise.resolve(Buffer.from(CONFIG));
  await manifestPlatforms(manifest, REPOSITORY, { ...client, getBlob });
  const listed = { image: 'a', digest: DIGEST, tags: [], sizeBytes: 1, uploadedAt: new Date(0) };
  const index = { ...listed, mediaType: INDEX, members: undefined };
  await readInventory([index], { getManifest: () => Promise.resolve(manifest) }, REPOSITORY);
};

const readConfig: Read = (input) => {
  const bytes = Buffer.from(IMAGE);
  const manifest = { digest: digestOf(bytes), mediaType: INDEX, bytes };
  const getBlob = () => Promise.resolve(Buffer.from(input));
  const getManifest = () => Promise.resolve(undefined);
  return manifestPlatforms(manifest, REPOSITORY, { getManifest, getBlob });
};

/** A list whose second page ends it. */
const inPages =
  (list: (client: ReturnType<typeof clientOf>) => Promise<unknown>): Read =>
  (input, seed) => {
    const link = sendable(mutated(`</v2/x?last=b>; rel="next"`, randomOf(seed)));
    return list(
      clientOf(({ search }) => {
        return new Response(input, search.includes('n=') ? { headers: { link } } : {});
      }),
    );
  };

const CHALLENGE = `Bearer realm="https://auth.test/token",service="registry.test",scope="repository:a:pull"`;
const TOKEN = JSON.stringify({ token: 'abc.def', access_token: 'abc.def', expires_in: 60 });
const REFUSAL = JSON.stringify({ errors: [{ code: 'DENIED', message: 'no s3cret', detail: {} }] });
const HEADERS = `${DIGEST}\n1234\n${INDEX}; charset=utf-8\n120`;

/** A registry that asks for a login before it has no such manifest. */
const login =
  (challenge: string, token: string): Respond =>
  (url, init) => {
    if (!url.pathname.startsWith('/v2/')) return new Response(token);
    if (new Headers(init?.headers).has('authorization')) return new Response(null, { status: 404 });
    return new Response('', { status: 401, headers: { 'www-authenticate': sendable(challenge) } });
  };

function headersOf(text: string): Response {
  const [digest = '', length = '', type = '', later = ''] = text.split('\n').map(sendable);
  return new Response(null, {
    status: length === '' ? 429 : 200,
    headers: {
      'docker-content-digest': digest,
      'content-length': length,
      'content-type': type,
      'retry-after': later,
    },
  });
}

/** The requests for one manifest, whose errors must hold no secret. */
const ofRegistry =
  (respond: (input: string) => Respond): Read =>
  async (input) => {
    const client = clientOf(respond(input));
    await client.headManifest(REPOSITORY, TAG).catch((error: unknown) => {
      expect(String(error)).not.toContain('s3cret');
      throw error;
    });
    await client.deleteTag(REPOSITORY, TAG);
  };

const PULLS = JSON.stringify([
  { number: 7, state: 'open', html_url: 'https://h.test/7', head: { sha: 'f'.repeat(40) } },
]);
const NOTES = JSON.stringify([{ id: 1, body: '<!-- kubernetes-ci-images -->', author: { id: 1 } }]);
const ACCESS = { api: 'https://h.test', repository: 'some/project', token: 's3cret' };
const GITHUB = {
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_API_URL: ACCESS.api,
  GITHUB_REPOSITORY: ACCESS.repository,
  GITHUB_TOKEN: ACCESS.token,
};
const GITLAB = {
  CI_MERGE_REQUEST_IID: '7',
  CI_PROJECT_ID: '1',
  CI_API_V4_URL: ACCESS.api,
  GITLAB_TOKEN: ACCESS.token,
};
const REQUEST = { head: 'h', base: 'main', title: 't', body: 'b' };

const ofHost =
  (status: number, work: () => Promise<unknown>): Read =>
  (input) => {
    const respond = ({ pathname }: URL) =>
      pathname.endsWith('/user') ? Response.json({ id: 1 }) : new Response(input, { status });
    vi.stubGlobal('fetch', (url: URL) => Promise.resolve(respond(url)));
    return work();
  };

const note = (environment: Environment) =>
  ofHost(200, () => putNote(known(noteTarget(environment)), 'prod', 'text', { mostTries: 1 }));

/** The list of a publisher, whose checksum files are broken as well. */
const publishers = Object.entries(DISKS).map(([name, { list, pinned }]): Row => {
  const read: Read = (input, seed) =>
    findDisks([pinned], {
      fetchText: (url) =>
        Promise.resolve(url === list ? input : mutated(SITE[url] ?? '', randomOf(seed))),
      isThere: anyFile,
    });
  return [`list of ${name}'s publisher`, SITE[list] ?? '', read];
});

const ROWS: readonly Row[] = [
  ['Docker config', DOCKER_CONFIG, readDockerConfig],
  ["Google's policies", POLICIES, ofGoogle()],
  ["Google's versions", VERSIONS, ofGoogle()],
  ["Google's refusal", GOOGLE_NO, ofGoogle(403)],
  ["registry's index", MANIFEST, readManifest],
  ["registry's manifest", IMAGE, readManifest],
  ["image's configuration", CONFIG, readConfig],
  [
    "registry's tags",
    JSON.stringify({ name: REPOSITORY, tags: ['a', 'b-1.0', 'latest'] }),
    inPages((client) => client.listTags(REPOSITORY)),
  ],
  [
    "registry's repositories",
    JSON.stringify({ repositories: ['a/b', 'c'] }),
    inPages((client) => client.listRepositories()),
  ],
  ["registry's challenge", CHALLENGE, ofRegistry((input) => login(input, TOKEN))],
  ["registry's token", TOKEN, ofRegistry((input) => login(CHALLENGE, input))],
  [
    "registry's refusal",
    REFUSAL,
    ofRegistry((input) => () => new Response(input, { status: 403 })),
  ],
  ["registry's headers", HEADERS, ofRegistry((input) => () => headersOf(input))],
  ['pull request', PULLS, ofHost(200, () => openPullRequest(ACCESS, REQUEST, 'f'.repeat(40)))],
  [
    "code host's refusal",
    '{"message":"no","errors":[{}]}',
    ofHost(422, () => openPullRequest(ACCESS, REQUEST, 'f')),
  ],
  ['comment on GitHub', NOTES, note(GITHUB)],
  ['note on GitLab', NOTES, note(GITLAB)],
  ...publishers,
];

test.each(ROWS)(
  'a %s, broken in many ways, is read or explained',
  { timeout: 300_000 },
  (_, text, read) => expectExplained(text, read),
);
