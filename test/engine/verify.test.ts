import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import { provideQemu } from '../../infra/toolchain/programs.ts';
import { runCommand } from '../../infra/toolchain/run-command.ts';
import { readAttestations } from '../../src/attestations/read-attestations.ts';
import type { Checksum } from '../../src/catalog/image.ts';
import { hashFile } from '../../src/disk/disk-files.ts';
import { DISK_FILE, prepareDisk } from '../../src/disk/prepare-disk.ts';
import { parseRegistry, parseTag } from '../../src/image-reference.ts';
import { findWhole } from '../../src/registry/image-index.ts';
import { keptList } from '../../src/verify/kept-lists.ts';
import { keptVerification } from '../../src/verify/kept-verifications.ts';
import { pullDisk } from '../../src/verify/pull-disk.ts';
import { INSTALL_MS, providedPrograms } from '../disk/disk-workshop.ts';
import { bootableDisk, MAKING_MS } from '../../infra/sandbox/upstream.ts';
import { docker } from '../support/docker-cli.ts';
import { known } from '../support/fixtures.ts';
import { startRun, type Run } from '../support/processes.ts';
import { plannedTags } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const MEBIBYTE = 1024 * 1024;
/** Of the disk that is made: 540 MiB, and what comes before. */
const MADE = 541 * MEBIBYTE;
const BLANK = Buffer.alloc(MEBIBYTE);
/** Longer than `verify` waits, so that a failure shows the console. */
const BOOT_MS = 700_000;
const PLATFORM = 'linux/amd64';
const NAMES = { debian: 'vm-debian-12', blank: 'vm-blank-1' } as const;

let fixture: PublishingFixture;
let published: Run;
let checkout: TestCheckout;
let upstream: LoopbackServer;
let debian: ReturnType<typeof pullDebian> | undefined;
let packed: { readonly file: string; readonly checksum: Checksum };
const folder = sharedFolder();
/** Where its temporary files are, and nobody else's. */
const temporary = join(folder, 'tmp');
const inherited = { XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'], TMPDIR: process.env['TMPDIR'] };

beforeAll(
  async () => {
    await providedPrograms();
    const note = (line: string) => {
      console.error(`engine tests: ${line}`);
    };
    await provideQemu(note);
    const file = await bootableDisk(note);
    const checksum = known(await hashFile(file, 'sha256'));
    packed = { file, checksum };
    upstream = await startUpstream();
    process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
    mkdirSync(temporary);
    process.env['TMPDIR'] = temporary;
    fixture = await startPublishingFixture();
    checkout = await fixture.checkout();
    declare();
    checkout.configure({ verify: true });
    published = await checkout.pulumi(...up('--continue-on-error'));
    removeConsole(published.output);
  },
  INSTALL_MS + MAKING_MS + BOOT_MS,
);

afterAll(async () => {
  for (const [name, value] of Object.entries(inherited)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  await upstream.close();
  await fixture.close();
});

/** Stands for the distributions' servers. */
function startUpstream(): Promise<LoopbackServer> {
  return startLoopbackServer(0, ({ url = '' }, response) => {
    if (url.includes('blank')) response.end(BLANK);
    else createReadStream(packed.file).pipe(response);
  });
}

function declare(): void {
  checkout.declare(['alpha', 'node', 'broken'], fixture.base);
  // What answers as systemd does; test/engine/node-images.test.ts has the real one.
  for (const [name, state] of Object.entries({ node: 'running', broken: 'degraded' })) {
    const path = `config/contexts/${name}`;
    const answers = `case $1 in list-units) echo "ssh.service loaded failed" ;; *) echo ${state} ;; esac`;
    checkout.write(`${path}/systemctl`, `#!/bin/sh\n${answers}\n`, 0o755);
    const recipe = `${DOCKERFILE}COPY systemctl /bin/\nCMD ["sleep", "600"]\n`;
    checkout.write(`${path}/Dockerfile`, recipe);
  }
  const blankSum = createHash('sha256').update(BLANK).digest('hex');
  const disk = (distribution: string, version: string, more: readonly string[]) => [
    ...['  - kind: vm-disk', `    distribution: ${distribution}`, '    format: raw'],
    ...['    enlargeBy: 64M', `    version: "${version}"`, ...more.map((line) => `    ${line}`)],
  ];
  const lines = [
    ...disk('debian', '12', [
      ...[`url: http://${upstream.address}/debian-12.raw.xz`, 'packing: xz'],
      `checksum: ${packed.checksum}`,
    ]),
    ...['  - name: tool', '    distribution: busybox', '    version: "1"'],
    ...[`    base: ${fixture.base}`, '    context: config/contexts/node'],
    '    verify:',
    '      - test -x /bin/systemctl',
    '      - systemctl is-system-running | grep running',
    '      - test "$(ls /sys/class/net)" = lo',
    ...disk('blank', '1', [
      `url: http://${upstream.address}/blank-1.raw`,
      `checksum: sha256:${blankSum}`,
    ]),
  ];
  const text = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
  checkout.write('config/images.yml', `${text}${lines.join('\n')}\n`);
  checkout.commit();
}

function verify(...args: readonly string[]) {
  return checkout.images('verify', ...args, '--stack', 'sandbox');
}

/** The containers that a verification started, and the folders that it pulled disks into. */
async function leftovers(): Promise<readonly string[]> {
  const images = await docker('ps', '--all', '--format', '{{.Image}}');
  const containers = images.split('\n').filter((image) => image.startsWith(fixture.gate.address));
  const folders = readdirSync(temporary).filter((name) =>
    name.startsWith('kubernetes-ci-images-verify-'),
  );
  return [...containers, ...folders];
}

/** What is left of a disk that did not come up. */
function removeConsole(output: string): void {
  const log = /read the console in (\S+)/.exec(output)?.[1] ?? '';
  expect(readdirSync(dirname(log))).toEqual(['console.log']);
  rmSync(dirname(log), { recursive: true });
}

/** The disk of the published image, and the digests of its index and of that for its platform. */
async function pullDebian() {
  const tag = parseTag(plannedTags(checkout)[NAMES.debian] ?? '');
  const registry = parseRegistry(fixture.gate.address);
  const repository = fixture.repository(NAMES.debian);
  const found = tag && (await findWhole(fixture.client, repository, tag));
  const digest = found?.members?.[PLATFORM];
  if (!found || !digest || !registry) throw new Error('not published');
  const image = { repository, digest, platform: PLATFORM };
  const session = { registry, credentials: undefined };
  const disk = await pullDisk(image, session, join(folder, 'pulled'));
  return { repository, index: found.digest, digest, disk };
}

/** What dpkg lists in the root of a disk, read without starting it. */
async function dpkgQuery(disk: string): Promise<string> {
  const raw = join(folder, 'read.raw');
  await runCommand('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', disk, raw]);
  const database = join(folder, 'dpkg');
  mkdirSync(database);
  const status = join(database, 'status');
  const partition = `${raw}?offset=${MEBIBYTE}`;
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  await runCommand('debugfs', ['-R', `dump /var/lib/dpkg/status ${status}`, partition], { env });
  rmSync(raw);
  const format = '${Package}\\t${Version}\\t${Architecture}\\n';
  return runCommand('dpkg-query', [`--admindir=${database}`, '-W', '-f', format]);
}

describe('a VM disk from upstream to a machine', () => {
  it('comes back out of the registry as it was prepared, enlarged', async () => {
    const { checksum } = packed;
    const { disk: pulled } = await (debian ??= pullDebian());
    const url = `http://${upstream.address}/debian-12.raw.xz`;
    const prepared = await prepareDisk(
      { source: { url, checksum, packing: 'xz', format: 'raw' }, enlargeBy: 64 * MEBIBYTE },
      { downloads: join(folder, 'downloads'), disks: join(folder, 'disks') },
    );
    const sums = [pulled, join(prepared, DISK_FILE)].map((file) => hashFile(file, 'sha256'));
    const [found, expected] = await Promise.all(sums);
    expect(found).toBe(expected);
    const info = await runCommand('qemu-img', ['info', '--output=json', pulled]);
    expect(JSON.parse(info)).toMatchObject({
      'virtual-size': MADE + 64 * MEBIBYTE,
      format: 'qcow2',
    });
  });

  it('lists its packages, by the cloud-init in it, as dpkg does in its files', async () => {
    const { repository, index, digest, disk } = await (debian ??= pullDebian());
    const kept = await keptList(digest);
    if (kept?.kind !== 'known') throw new Error(kept?.reason ?? 'nothing is kept');
    const { format, distribution, packages } = kept.list;
    expect({ format, distribution }).toEqual({
      format: 'deb',
      distribution: { id: 'debian', version: '12' },
    });
    const lines = packages.map((one) => [one.name, one.version, one.architecture].join('\t'));
    const expected = (await dpkgQuery(disk)).trim().split('\n');
    expect(lines.toSorted()).toEqual(expected.toSorted());
    expect(lines.length).toBeGreaterThan(100);
    expect(published.output).toMatch(
      new RegExp(`up after \\d+ s: a login prompt; ${lines.length} packages`),
    );
    const verification = await keptVerification(digest);
    expect(verification).toMatchObject({ isUp: true, text: 'a login prompt' });
    expect(verification?.console.join('\n')).toMatch(/ login:/);
    expect(verification?.console.join('\n')).not.toContain('<<packages');
    const attested = await readAttestations(fixture.client, repository, index);
    expect(attested[PLATFORM]?.packages).toEqual(kept);
  });

  it('that is blank is refused by its console, whose log stays', async () => {
    const { code, stdout, output } = await verify(NAMES.blank);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(output).toContain('BOOT_FAILED  the firmware finds nothing to boot');
    expect(output).toMatch(/ {2}\| No bootable device/);
    const log = /read the console in (\S+)/.exec(output)?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('Boot failed: not a bootable disk');
    removeConsole(output);
  });

  it('that is not up in time is ended', async () => {
    const { code, output } = await verify(NAMES.debian, '--timeout', '3');
    expect(code).toBe(1);
    expect(output).toMatch(/BOOT_TIMEOUT {2}no login prompt after 3 seconds/);
    removeConsole(output);
    expect(await leftovers()).toEqual([]);
  });
});

it('a verification that is interrupted leaves nothing behind', async () => {
  const args = ['src/cli/images.ts', 'verify', NAMES.debian, '--stack', 'sandbox'];
  const { child, done } = startRun(process.execPath, args, checkout.root, process.env);
  child.stderr?.on('data', (text: Buffer) => {
    if (text.includes('booting with')) child.kill('SIGINT');
  });
  const { code, output } = await done;
  expect(output).toContain('interrupted by SIGINT');
  expect(code).toBe(1);
  expect(await leftovers()).toEqual([]);
});

describe('a container', () => {
  it('whose systemd runs is up', async () => {
    const { code, output } = await verify('node');
    expect(output).toMatch(/^node is up after \d+ s: systemd is running \(\S+@sha256:/m);
    expect(code).toBe(0);
    expect(await leftovers()).toEqual([]);
  });

  it('that a killed run left goes with the next, and no other, by the clock of the Docker Engine', async () => {
    const { node = '' } = plannedTags(checkout);
    const image = `${fixture.gate.address}/${fixture.repository('node')}:${node}-linux-amd64`;
    const create = async (seconds: number) => {
      const label = `--label=kubernetes-ci-images.verify-seconds=${seconds}`;
      return (await docker('create', label, image, 'sh')).trim();
    };
    const [left, needed] = [await create(0), await create(3600)];
    const clock = join(folder, 'clock');
    writeFileSync(clock, String(30 * 86_400_000));
    const loader = join(import.meta.dirname, '../support/moved-date.ts');
    const args = ['--import', loader, 'src/cli/images.ts', 'verify', 'node', '--stack', 'sandbox'];
    const { code, output } = await checkout.run(process.execPath, args, { MOVED_DATE: clock });
    expect(code, output).toBe(0);
    const containers = await docker('ps', '--all', '--quiet', '--no-trunc');
    await docker('rm', needed);
    expect(containers).toContain(needed);
    expect(containers).not.toContain(left);
  });

  it('of which a unit failed is refused by its name', async () => {
    const { code, output } = await verify('broken', '--json');
    expect(output).toMatch(/^FAILED_UNITS {2}systemd is degraded; .*: ssh\.service;/m);
    expect(code).toBe(1);
    expect(await leftovers()).toEqual([]);
  });
});

describe('`latest` moves only to what came up', () => {
  const latest = (name: string) => fixture.digest(name, 'latest');
  const immutable = async (name: string) => fixture.digest(name, plannedTags(checkout)[name] ?? '');

  it('where a VM disk shows a login prompt, systemd runs, or the commands of the catalog succeed', async () => {
    expect(published.output).toMatch(/up after \d+ s: a login prompt/);
    expect(published.output).toMatch(/up after \d+ s: systemd is running/);
    expect(published.output).toMatch(/up after \d+ s: its 3 commands succeed/);
    for (const name of [NAMES.debian, 'node', 'tool']) {
      expect(await latest(name)).toBe(await immutable(name));
      expect(await latest(name)).toBeDefined();
    }
  });

  it('and stays where the image is published and does not come up, which fails the run', async () => {
    expect(published.code).not.toBe(0);
    expect(published.output).toContain('BOOT_FAILED  the firmware finds nothing to boot');
    expect(published.output).toContain('FAILED_UNITS  systemd is degraded');
    for (const name of [NAMES.blank, 'broken', 'alpha']) {
      expect(await immutable(name)).toBeDefined();
      expect(await latest(name)).toBeUndefined();
    }
    expect(await leftovers()).toEqual([]);
  });

  it('until it is mended: the next run starts that, and nothing that came up before', async () => {
    const recipe = readFileSync(join(checkout.root, 'config/contexts/node/systemctl'), 'utf8');
    checkout.write('config/contexts/broken/systemctl', recipe, 0o755);
    checkout.commit();
    const { output } = await checkout.pulumi(...up('--continue-on-error'));
    removeConsole(output);
    expect(/Verification \((\w+)\):\n.*up after/g.exec(output)?.[1]).toBe('broken');
    expect(output.match(/Verification \(\w+\):\n.*up after/g)).toHaveLength(1);
    expect(await latest('broken')).toBe(await immutable('broken'));
  });
});

describe('what can not be verified', () => {
  it('a container without systemd is refused, and nothing of it is left', async () => {
    const { code, output } = await verify('alpha');
    expect(code).toBe(1);
    expect(output).toMatch(/^(?:NO_SYSTEMD|DOCKER_FAILED) {2}/m);
    expect(await leftovers()).toEqual([]);
  });

  it('an image that is not published, or not in the catalog, is named', async () => {
    const catalog = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
    checkout.write('config/images.yml', catalog.replaceAll('enlargeBy: 64M', 'enlargeBy: 65M'));
    const { code, output } = await verify(NAMES.debian);
    expect(code).toBe(1);
    expect(output).toMatch(/^NOT_PUBLISHED {2}\S+\/vm-debian-12:\S+ is not in the registry/m);
    const misspelled = await verify('vm-debian-21');
    expect(misspelled.code).toBe(1);
    expect(misspelled.output).toContain('UNKNOWN_IMAGE');
    expect(misspelled.output).toContain('vm-debian-12');
  });
});
