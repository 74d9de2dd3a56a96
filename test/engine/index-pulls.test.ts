import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import { debianProgram } from '../../infra/toolchain/programs.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { INSTALL_MS, providedPrograms } from '../disk/disk-workshop.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { startContainerd, type Containerd } from '../support/containerd.ts';
import { dockerCli } from '../support/docker-cli.ts';
import { startDockerDaemon, type DockerDaemon } from '../support/docker-daemon.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { ownCache } from '../support/own-cache.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { pushBaseIndex } from '../support/pushed-bases.ts';
import { ImageManifest, KINDS, republish } from '../support/republished-index.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

// What is published is pulled by those who use it, on engines that have never seen it.

const execute = promisify(execFile);
const MEBIBYTE = 1024 * 1024;
const DISK = 'vm-debian-12';
const CONTAINER = 'alpha';
const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

const folder = sharedFolder();
ownCache();
let fixture: PublishingFixture;
let checkout: TestCheckout;
let upstream: LoopbackServer;
let engine: DockerDaemon;
let containerd: Containerd;
let skopeo: string;
let base: string;

beforeAll(async () => {
  await providedPrograms();
  skopeo = await debianProgram('skopeo', 'skopeo', console.error);
  upstream = await startLoopbackServer(0, ({ url = '' }, response) => {
    const platform = PLATFORMS.find((each) => url === pathOf(each)) ?? '';
    response.setHeader('content-length', MEBIBYTE).end(diskOf(platform));
  });
  fixture = await startPublishingFixture();
  base = await pushBaseIndex(fixture.client, fixture.base, PLATFORMS);
  checkout = await fixture.checkout();
  declare();
  await succeeded(checkout.pulumi(...up()));
  for (const kind of KINDS) await republish(fixture.client, fixture.repository(DISK), kind);
  containerd = await startContainerd(join(folder, 'containerd'));
  engine = await startDockerDaemon({ folder: join(folder, 'docker'), number: 10 });
}, INSTALL_MS);

afterAll(async () => {
  await engine.remove();
  await containerd.remove();
  await upstream.close();
  await fixture.close();
});

/** What a guest sees, by platform. */
function diskOf(platform: string): Buffer {
  return Buffer.alloc(MEBIBYTE, `the disk of ${platform}, `);
}

const pathOf = (platform: string) => `/debian-12-${platform.replace('/', '-')}.raw`;

function declare(): void {
  const disks = PLATFORMS.map((platform) => {
    const sum = createHash('sha256').update(diskOf(platform)).digest('hex');
    const url = `http://${upstream.address}${pathOf(platform)}`;
    return `      ${platform}: { url: ${url}, checksum: sha256:${sum} }`;
  });
  checkout.declare([CONTAINER], fixture.base);
  checkout.write(
    'config/images.yml',
    `images:
  - name: ${CONTAINER}
    distribution: busybox
    version: "1"
    platforms: [${PLATFORMS.join(', ')}]
    base: ${base}
    context: config/contexts/${CONTAINER}
  - kind: vm-disk
    distribution: debian
    version: "12"
    format: raw
    disks:
${disks.join('\n')}
`,
  );
  const anywhere = DOCKERFILE.replace('ARG BASE\nFROM ${BASE}', 'FROM scratch');
  checkout.write(`config/contexts/${CONTAINER}/Dockerfile`, anywhere);
  checkout.commit();
}

const imageOf = (name: string) => `${fixture.gate.address}/${fixture.repository(name)}`;

/** By immutable tag and by digest. */
async function referencesOf(name: string): Promise<readonly string[]> {
  const digest = known(await fixture.digest(name, 'latest'));
  return [`${imageOf(name)}:${known(plannedTags(checkout)[name])}`, `${imageOf(name)}@${digest}`];
}

/** Each with the platform that it is pulled for. */
const forEachPlatform = (references: readonly string[]) =>
  references.flatMap((reference) => PLATFORMS.map((platform) => ({ reference, platform })));

async function pulls() {
  const published = await Promise.all([CONTAINER, DISK].map(referencesOf));
  return forEachPlatform([...published.flat(), ...ofKinds()]);
}

/** The disks from engines of each kind. */
const ofKinds = () => KINDS.map((kind) => `${imageOf(DISK)}:${kind}`);

const disks = () => forEachPlatform([`${imageOf(DISK)}:latest`, ...ofKinds()]);

async function docker(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: engine.socket };
  return (await execute(dockerCli(), args, { env })).stdout.trim();
}

/**
 * Copies the disk out of a container as the user 107, which is qemu's in KubeVirt. `ctr` itself can't change the user, and
 * it may lose the end of what a container prints.
 */
const READ_DISK = '/busybox nsenter -S 107 -G 107 -- /busybox cp /disk/disk.qcow2 /read'.split(' ');

/** Whether a guest sees the disk of a platform in a qcow2 file. */
function expectDiskOf(platform: string, qcow2: Buffer): void {
  const [file, content] = [join(folder, 'disk.qcow2'), join(folder, 'content')];
  writeFileSync(file, qcow2);
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', file, content]);
  expect(readFileSync(content).equals(diskOf(platform))).toBe(true);
}

describe('a published index', () => {
  it('is pulled by the Docker Engine, for each platform', async () => {
    for (const { reference, platform } of await pulls()) {
      await docker('pull', '--quiet', '--platform', platform, reference);
      // An engine refuses to make a container of an image for another platform.
      const create = ['create', '--pull', 'never', '--platform', platform, reference, '/nothing'];
      await docker('rm', await docker(...create));
      // Without the containerd image store, an engine has a digest for one platform only.
      await docker('image', 'rm', '--force', reference);
    }
  });

  it('is pulled by containerd, for each platform', async () => {
    for (const { reference, platform } of await pulls()) {
      await containerd.ctr('images', 'pull', '--plain-http', '--platform', platform, reference);
    }
  });

  it('is pulled for all platforms at once, as mirrors do', async () => {
    for (const name of [CONTAINER, DISK]) {
      const reference = `${imageOf(name)}:latest`;
      // Not `images pull`, which unpacks attestations too, and fails as it does for those of BuildKit (containerd#8243).
      await containerd.ctr('content', 'fetch', '--plain-http', '--all-platforms', reference);
      const target = join(folder, name);
      const from = `docker://${reference}`;
      await execute(skopeo, ['copy', '--all', '--src-tls-verify=false', from, `dir:${target}`]);
      // The digest in the mirror is that of the original.
      const copied = digestOf(readFileSync(join(target, 'manifest.json')));
      expect(copied).toBe(await fixture.digest(name, 'latest'));
    }
  });
});

describe('the disk in it', () => {
  it('is read by qemu in the container of a node', async () => {
    const { busybox } = inject('prerequisites');
    const read = join(folder, 'read');
    mkdirSync(read);
    chmodSync(read, 0o777);
    const mounts = [
      `type=bind,src=${busybox},dst=/busybox,options=rbind:ro`,
      `type=bind,src=${read},dst=/read,options=rbind:rw`,
    ].flatMap((mount) => ['--mount', mount]);
    for (const [at, { reference, platform }] of disks().entries()) {
      const options = ['--rm', '--cgroup', '', '--platform', platform, ...mounts];
      // For each platform, since a container unpacks what it is made from.
      await containerd.ctr('images', 'pull', '--plain-http', '--platform', platform, reference);
      await containerd.ctr('run', ...options, reference, `disk-${at}`, ...READ_DISK);
      const disk = join(read, 'disk.qcow2');
      expectDiskOf(platform, readFileSync(disk));
      rmSync(disk);
    }
  });

  it('is imported by CDI, which copies the layers', async () => {
    for (const [at, { reference, platform }] of disks().entries()) {
      const target = join(folder, `import-${at}`);
      const override = ['--override-os', 'linux', '--override-arch', platform.split('/')[1] ?? ''];
      const from = `docker://${reference}`;
      await execute(skopeo, [...override, 'copy', '--src-tls-verify=false', from, `dir:${target}`]);
      const manifest: unknown = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8'));
      const [layer] = ImageManifest.parse(manifest).layers;
      const packed = readFileSync(join(target, known(layer).digest.replace('sha256:', '')));
      const args = ['-xO', 'disk/disk.qcow2'];
      const options = { input: gunzipSync(packed), maxBuffer: 64 * MEBIBYTE };
      expectDiskOf(platform, execFileSync('tar', args, options));
    }
  });
});
