import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import { parseTag } from '../../src/image-reference.ts';
import { membersOf } from '../../src/registry/image-index.ts';
import { INSTALL_MS, providedPrograms } from '../disk/disk-workshop.ts';
import { plannedTags, previewedSteps, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { ownCache } from '../support/own-cache.ts';
import { pushBaseIndex } from '../support/pushed-bases.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

const NAME = 'vm-debian-12';
const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
const Annotated = z.object({ annotations: z.record(z.string(), z.string()) });

let fixture: PublishingFixture;
let checkout: TestCheckout;
let base: string;
let upstream: LoopbackServer;
ownCache();

beforeAll(async () => {
  await providedPrograms();
  // A disk is what its URL says.
  upstream = await startLoopbackServer(0, ({ url = '' }, response) => {
    response.statusCode = url.includes('missing') ? 404 : 200;
    response.setHeader('content-length', diskOf(url).byteLength).end(diskOf(url));
  });
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  base = await pushBaseIndex(fixture.client, fixture.base, PLATFORMS);
}, INSTALL_MS);

afterAll(async () => {
  await upstream.close();
  await fixture.close();
});

function diskOf(path: string): Buffer {
  return Buffer.alloc(1024 * 1024, path);
}

/** A VM disk with a disk for each platform, and a container for both that builds anywhere. */
function declare(...[amd64, arm64]: readonly [string, string]): void {
  const disk = (build: string, architecture: string) => {
    const path = `/debian-12-${build}-${architecture}.raw`;
    const sum = createHash('sha256').update(diskOf(path)).digest('hex');
    return `{ url: http://${upstream.address}${path}, checksum: sha256:${sum} }`;
  };
  checkout.declare(['alpha'], fixture.base);
  checkout.write(
    'config/images.yml',
    `images:
  - name: alpha
    distribution: busybox
    version: "1"
    platforms: [linux/amd64, linux/arm64]
    base: ${base}
    context: config/contexts/alpha
  - kind: vm-disk
    distribution: debian
    version: "12"
    format: raw
    disks:
      linux/amd64: ${disk(amd64, 'amd64')}
      linux/arm64: ${disk(arm64, 'arm64')}
`,
  );
  const anywhere = DOCKERFILE.replace('ARG BASE\nFROM ${BASE}', 'FROM scratch');
  checkout.write('config/contexts/alpha/Dockerfile', anywhere);
  checkout.commit();
}

/** The members of the index that a tag names, and its annotations. */
async function indexOf(name: string, tag = plannedTags(checkout)[name] ?? '') {
  const manifest = await fixture.client.getManifest(fixture.repository(name), known(parseTag(tag)));
  const { bytes, digest } = known(manifest);
  const text: unknown = JSON.parse(Buffer.from(bytes).toString());
  return { digest, members: known(membersOf(bytes)), ...Annotated.parse(text) };
}

describe('images for several platforms, step by step', () => {
  it('are refused in a preview where their base lacks a platform', async () => {
    const whole = base;
    base = fixture.base;
    declare('1', '1');
    const { code, output } = await checkout.pulumi('preview', '--color', 'never');
    base = whole;
    expect(output).toMatch(/PLATFORM_MISSING .* has no image for linux\/arm64/);
    expect(code).not.toBe(0);
  });

  it('are published as an index of the images of all platforms, with latest on it', async () => {
    declare('1', '1');
    await succeeded(checkout.pulumi(...up()));
    for (const name of [NAME, 'alpha']) {
      const { digest, members, annotations } = await indexOf(name);
      expect(Object.keys(members)).toEqual(PLATFORMS);
      expect(members['linux/amd64']).not.toBe(members['linux/arm64']);
      expect(annotations).toMatchObject({
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.created': expect.stringMatching(/Z$/) as unknown,
        'io.github.kubernetes-ci-images.inputs': plannedTags(checkout)[name],
      });
      expect(await fixture.digest(name, 'latest')).toBe(digest);
    }
  });

  it('show no change and no drift after that', async () => {
    await succeeded(checkout.pulumi(...up('--expect-no-changes')));
    await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
  });

  it('are built again for the platform alone whose disk changes', async () => {
    const before = await indexOf(NAME);
    declare('1', '2');
    expect(await previewedSteps(checkout)).toEqual([
      `replace docker:index/image:Image ${NAME}:linux/arm64`,
      `replace oci:index:Publication ${NAME}`,
      `update oci:index:Tag ${NAME}-latest`,
    ]);
    await succeeded(checkout.pulumi(...up()));
    const after = await indexOf(NAME);
    expect(after.members['linux/amd64']).toBe(before.members['linux/amd64']);
    expect(after.members['linux/arm64']).not.toBe(before.members['linux/arm64']);
    expect(await fixture.digest(NAME, 'latest')).toBe(after.digest);
  });

  it('are not published while one platform fails, which the run names, and latest stays', async () => {
    const latest = await fixture.digest(NAME, 'latest');
    declare('3', 'missing');
    const { code, output } = await checkout.pulumi(...up());
    expect(code).not.toBe(0);
    expect(output).toMatch(new RegExp(`${NAME} is not published: linux/arm64: DOWNLOAD_FAILED`));
    expect(await fixture.digest(NAME, plannedTags(checkout)[NAME] ?? '')).toBeUndefined();
    expect(await fixture.digest(NAME, 'latest')).toBe(latest);
  });

  it('are published in the next run, which builds what is missing alone', async () => {
    declare('3', '4');
    await fixture.forgetBuilds();
    expect(await previewedSteps(checkout)).not.toContainEqual(
      expect.stringContaining(`Image ${NAME}:linux/amd64`),
    );
    await succeeded(checkout.pulumi(...up()));
    const { digest, members } = await indexOf(NAME);
    expect(Object.keys(members)).toEqual(PLATFORMS);
    expect(await fixture.digest(NAME, 'latest')).toBe(digest);
  });

  it('are repaired when the image of a platform has gone from the registry', async () => {
    const { members } = await indexOf(NAME);
    const lost = known(members['linux/arm64']);
    expect(await fixture.client.deleteManifest(fixture.repository(NAME), lost)).toBe('removed');
    await succeeded(checkout.pulumi(...up('--refresh')));
    const after = await indexOf(NAME);
    expect(after.members['linux/amd64']).toBe(members['linux/amd64']);
    const found = known(after.members['linux/arm64']);
    expect(await fixture.client.headManifest(fixture.repository(NAME), found)).toBeDefined();
    expect(await fixture.digest(NAME, 'latest')).toBe(after.digest);
  });
});
