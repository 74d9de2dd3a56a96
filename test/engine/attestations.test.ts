import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  readAttestations,
  type PlatformAttestations,
} from '../../src/attestations/read-attestations.ts';
import { parseDigest, type Digest } from '../../src/image-reference.ts';
import { parseJson } from '../../src/json.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { listContainer } from '../../src/verify/list-container.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';
import { docker, provideDebianBase } from '../support/docker-cli.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

// What is attested of the images that a run publishes: their packages, and how they came to be.

let fixture: PublishingFixture;
let checkout: TestCheckout;
let output: string;
let commit: string;

/** A Debian, a busybox, and an image in which nothing runs. */
const NAMES = ['debian', 'busybox', 'bare'];

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  const base = `${fixture.gate.address}/upstream/debian:bookworm`;
  await provideDebianBase('bookworm', base);
  const pushed = await docker('push', base);
  const [, digest = ''] = /digest: (sha256:[a-f0-9]{64})/.exec(pushed) ?? [];
  checkout.declare(NAMES, fixture.base);
  const entry = (name: string, of: string) =>
    `  - { name: ${name}, distribution: d, version: "1", base: "${of}", context: config/contexts/${name} }`;
  const entries = NAMES.map((name) =>
    entry(name, name === 'debian' ? `${base}@${digest}` : fixture.base),
  );
  checkout.write('config/images.yml', `images:\n${entries.join('\n')}\n`);
  const bare = DOCKERFILE.replace('FROM ${BASE}', 'FROM ${BASE} AS base\nFROM scratch');
  checkout.write('config/contexts/bare/Dockerfile', bare);
  commit = checkout.commit();
  output = await succeeded(checkout.pulumi(...up()));
}, 300_000);

afterAll(() => fixture.close());

async function latest(name: string): Promise<Digest> {
  return known(await fixture.digest(name, 'latest'));
}

async function attested(name: string): Promise<PlatformAttestations> {
  const repository = fixture.repository(name);
  const byPlatform = await readAttestations(fixture.client, repository, await latest(name));
  return known(byPlatform['linux/amd64']);
}

const reasonOf = ({ packages }: PlatformAttestations) =>
  packages.kind === 'unknown' ? packages.reason : 'there is a list';

describe('a Debian image', () => {
  it('has the packages that dpkg lists in a container of it', async () => {
    const { packages } = await attested('debian');
    if (packages.kind === 'unknown') throw new Error(packages.reason);
    const image = `${fixture.gate.address}/${fixture.repository('debian')}@${await latest('debian')}`;
    const format = '-f=${Package}\\t${Version}\\t${Architecture}\\n';
    const printed = await docker(
      'run',
      '--rm',
      '--network=none',
      image,
      'dpkg-query',
      '-W',
      format,
    );
    const lines = packages.list.packages.map(({ name, version, architecture }) =>
      [name, version, architecture].join('\t'),
    );
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.toSorted()).toEqual(printed.trim().split('\n').toSorted());
    expect(packages.list).toMatchObject({
      format: 'deb',
      distribution: { id: 'debian', version: '12' },
    });
  });

  it('has the same list where only the API of the Docker Engine is there, as in a pipeline', async () => {
    const image = `${fixture.gate.address}/${fixture.repository('debian')}@${await latest('debian')}`;
    const missing = new VerifyError('MISSING_PROGRAM', 'no client', 'install it');
    const options = { platform: 'linux/amd64', signal: new AbortController().signal };
    const listed = await listContainer(image, {
      ...options,
      docker: () => Promise.reject(missing),
    });
    expect(listed).toEqual((await attested('debian')).packages);
    const bare = `${fixture.gate.address}/${fixture.repository('bare')}@${await latest('bare')}`;
    const none = await listContainer(bare, { ...options, docker: () => Promise.reject(missing) });
    expect(none).toMatchObject({ reason: expect.stringMatching(/no shell/) as string });
  });

  it('has the provenance of the run that built it', async () => {
    const { provenance } = await attested('debian');
    expect(provenance).toMatchObject({
      buildDefinition: {
        externalParameters: {
          revision: commit,
          platform: 'linux/amd64',
          image: { name: 'debian' },
        },
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: commit } },
          { name: 'base', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
          { name: 'config/contexts/debian/Dockerfile' },
          { name: 'config/contexts/debian/' },
        ],
      },
    });
  });

  it('has neither in the state nor in the output', async () => {
    const { stdout } = await checkout.pulumi('stack', 'export');
    expect(stdout).toContain('resolvedDependencies');
    for (const text of [stdout, output]) expect(text).not.toMatch(/libc6|SPDXRef/);
  });

  it('has the same bytes as its package list after another build with the same packages', async () => {
    const before = await spdxOf('debian');
    const digest = await latest('debian');
    checkout.write('config/contexts/debian/content', 'changed\n');
    checkout.commit();
    await succeeded(checkout.pulumi(...up()));
    expect(await latest('debian')).not.toBe(digest);
    expect(await spdxOf('debian')).toBe(before);
  });
});

describe('an image without a package manager', () => {
  it('says in the attestation and in the output why it has no list', async () => {
    expect(reasonOf(await attested('busybox'))).toMatch(/neither dpkg nor rpm/);
    expect(reasonOf(await attested('bare'))).toMatch(/no shell/);
    expect(output).toMatch(/no package list of linux\/amd64: it has no shell/);
  });

  it('has a provenance all the same', async () => {
    expect((await attested('bare')).provenance).toBeDefined();
  });
});

it('changes nothing in the next run, and leaves no container behind', async () => {
  await succeeded(checkout.pulumi(...up('--refresh', '--expect-no-changes')));
  // Of its own images: other tests list packages, too.
  for (const tag of Object.values(plannedTags(checkout))) {
    const filter = `label=${INPUTS_LABEL}=${tag}`;
    expect(await docker('ps', '--all', '--quiet', '--filter', filter)).toBe('');
  }
});

it('an image whose attestation can not be written is published by the next run', async () => {
  checkout.write('config/contexts/busybox/content', 'changed\n');
  checkout.commit();
  const { busybox: tag = '' } = plannedTags(checkout);
  // Docker pushes by tag.
  const ours = `PUT /v2/${fixture.repository('busybox')}/manifests/sha256:`;
  const denied = { status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' };
  fixture.gate.meet((request) => (request.startsWith(ours) ? denied : undefined));
  const failed = await checkout.pulumi(...up());
  fixture.gate.meet(() => undefined);
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/REGISTRY_DENIED .*could not write/);
  expect(await fixture.digest('busybox', tag)).toBeUndefined();
  await succeeded(checkout.pulumi(...up()));
  expect(await fixture.digest('busybox', tag)).toBe(await latest('busybox'));
  const { provenance } = await attested('busybox');
  // The first run has built it.
  expect(provenance?.runDetails.metadata).not.toHaveProperty('startedOn');
});

const Layers = z.object({
  layers: z.array(z.object({ digest: z.string(), annotations: z.record(z.string(), z.string()) })),
});
const Index = z.object({
  manifests: z.array(
    z.object({ digest: z.string(), platform: z.object({ os: z.string() }).optional() }),
  ),
});

/** The bytes of the SPDX document of an image. */
async function spdxOf(name: string): Promise<string> {
  const repository = fixture.repository(name);
  const read = async (text: string) =>
    parseJson(known(await fixture.client.getManifest(repository, known(parseDigest(text)))).bytes);
  const { manifests } = Index.parse(await read(await latest(name)));
  const attestation = known(manifests.find(({ platform }) => platform?.os === 'unknown'));
  const { layers } = Layers.parse(await read(attestation.digest));
  const layer = known(
    layers.find(
      ({ annotations }) => annotations['in-toto.io/predicate-type'] === 'https://spdx.dev/Document',
    ),
  );
  const bytes = known(await fixture.client.getBlob(repository, known(parseDigest(layer.digest))));
  const text = Buffer.from(bytes).toString();
  return text.slice(text.indexOf('"predicate":'));
}
