import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import { parseChecksum } from '../../src/catalog/image.ts';
import { DISK_FILE, prepareDisk } from '../../src/disk/prepare-disk.ts';
import { parseDigest, parseTag } from '../../src/image-reference.ts';
import { INSTALL_MS, providedPrograms } from '../disk/disk-workshop.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { ownCache } from '../support/own-cache.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const MEBIBYTE = 1024 * 1024;
const DISK = Buffer.alloc(4 * MEBIBYTE, 'what a guest sees, ');
const SUM = `sha256:${createHash('sha256').update(DISK).digest('hex')}`;
const Layers = z.object({ layers: z.array(z.object({ digest: z.string() })) });

let fixture: PublishingFixture;
let checkout: TestCheckout;
let upstream: LoopbackServer;
/** The downloads. */
const asked: string[] = [];
const cache = ownCache();

beforeAll(async () => {
  await providedPrograms();
  upstream = await startUpstream();
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  declare('12', '13', '14');
}, INSTALL_MS);

afterAll(async () => {
  await upstream.close();
  await fixture.close();
});

/** Debian 12 is as it should be; what 13 is has another checksum; 14 has gone. */
function startUpstream(): Promise<LoopbackServer> {
  return startLoopbackServer(0, ({ method, url = '', headers }, response) => {
    // A preview asks for the first byte at most, for the size.
    if (method !== 'HEAD' && headers.range === undefined) asked.push(url);
    response.statusCode = url.includes('14') ? 404 : 200;
    const body = url.includes('12') ? DISK : Buffer.from('another file');
    response.setHeader('content-length', body.byteLength).end(body);
  });
}

const urlOf = (version: string) => `http://${upstream.address}/debian-${version}.raw`;

/** One container and the disks of some versions. */
function declare(...versions: readonly string[]): void {
  checkout.declare(['alpha'], fixture.base);
  const text = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
  const disks = versions.flatMap((version) => [
    `      - version: "${version}"`,
    `        url: ${urlOf(version)}`,
    `        checksum: ${SUM.replace(/^sha256:.{2}/, `sha256:${version === '12' ? SUM.slice(7, 9) : version}`)}`,
  ]);
  const entry = ['  - kind: vm-disk', '    distribution: debian', '    format: raw'];
  const lines = [...entry, '    enlargeBy: 8M', '    versions:', ...disks, ''];
  checkout.write('config/images.yml', text + lines.join('\n'));
  checkout.commit();
}

/** The one layer of an image, unpacked. */
async function layerOf(name: string, tag: string): Promise<Buffer> {
  const repository = fixture.repository(name);
  const reference = known(parseTag(`${tag}-linux-amd64`));
  const manifest = known(await fixture.client.getManifest(repository, reference));
  const { layers } = Layers.parse(JSON.parse(Buffer.from(manifest.bytes).toString()));
  expect(layers).toHaveLength(1);
  const digest = known(parseDigest(layers[0]?.digest ?? ''));
  return gunzipSync(known(await fixture.client.getBlob(repository, digest)));
}

function tar(layer: Buffer, ...args: string[]): Buffer {
  return execFileSync('tar', args, { input: layer, maxBuffer: 64 * MEBIBYTE });
}

/** What is left of disks, below the folders of all stacks. */
function leftDisks(): readonly string[] {
  const disks = join(cache, 'kubernetes-ci-images/disks');
  if (!existsSync(disks)) return [];
  return readdirSync(disks).flatMap((stack) => readdirSync(join(disks, stack)));
}

describe('VM disks, step by step', () => {
  it('a preview shows them, and downloads nothing', async () => {
    const { code, output } = await checkout.pulumi('preview', '--diff', '--color', 'never');
    expect(output).toContain(`${fixture.repository('vm-debian-12')}:`);
    expect(output).toContain('VM disks to build: 3 (1 of unknown size not counted)');
    expect(output).toMatch(
      /Docker needs about 0\.0 GB for them in \/|room Docker has for 3 of them/,
    );
    expect(code).toBe(0);
    expect(asked).toEqual([]);
  });

  it('those that can not be made fail by name, and all others are published', async () => {
    const { code, output } = await checkout.pulumi(...up());
    expect(code).not.toBe(0);
    expect(output).toMatch(/vm-debian-13 is not published: CHECKSUM_MISMATCH/);
    expect(output).toMatch(/vm-debian-14 is not published: DOWNLOAD_FAILED/);
    expect(output).not.toMatch(/(?:alpha|vm-debian-12) is not published/);
    expect(output).not.toMatch(/^ +at /m);
    const tags = plannedTags(checkout);
    for (const name of ['alpha', 'vm-debian-12']) {
      const digest = await fixture.digest(name, tags[name] ?? '');
      expect(digest).toMatch(/^sha256:/);
      expect(await fixture.digest(name, 'latest')).toBe(digest);
    }
    for (const name of ['vm-debian-13', 'vm-debian-14']) {
      expect(await fixture.digest(name, tags[name] ?? '')).toBeUndefined();
    }
  });

  it('no disk is left on the machine after the push', () => {
    expect(leftDisks()).toEqual([]);
  });

  it("what is published holds the prepared disk alone, for everybody to read, as qemu's user", async () => {
    const { 'vm-debian-12': tag = '' } = plannedTags(checkout);
    const layer = await layerOf('vm-debian-12', tag);
    const listing = tar(layer, '-tv', '--numeric-owner').toString().trim().split('\n');
    expect(listing.filter((line) => !line.startsWith('d'))).toEqual([
      expect.stringMatching(/^-r--r--r-- 107\/107 .* disk\/disk\.qcow2$/),
    ]);
    const checksum = known(parseChecksum(SUM));
    const source = { url: urlOf('12'), checksum, format: 'raw' } as const;
    const folders = { downloads: join(cache, 'downloads'), disks: join(cache, 'disks') };
    const folder = await prepareDisk({ source, enlargeBy: 8 * MEBIBYTE }, folders);
    const published = tar(layer, '-xO', 'disk/disk.qcow2');
    expect(published.equals(readFileSync(join(folder, DISK_FILE)))).toBe(true);
  });

  it('the next run changes nothing and downloads nothing', async () => {
    declare('12');
    await checkout.pulumi(...up());
    asked.length = 0;
    await succeeded(checkout.pulumi(...up('--expect-no-changes')));
    expect(asked).toEqual([]);
  });

  it('the same disk from another place is the same image', async () => {
    const { 'vm-debian-12': before } = plannedTags(checkout);
    const text = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
    checkout.write('config/images.yml', text.replace('/debian-12.raw', '/mirror/debian-12.raw'));
    expect(plannedTags(checkout)['vm-debian-12']).toBe(before);
    expect((await checkout.pulumi(...up('--expect-no-changes'))).code).toBe(0);
  });
});
