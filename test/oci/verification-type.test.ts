import { describe, expect, test } from 'vitest';
import { verificationType } from '../../infra/oci/verification-type.ts';
import {
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from '../../infra/oci/protocol/resource-type.ts';
import type { PackageList, Packages } from '../../src/packages/package-list.ts';
import type { VerifiedImage, VerifyOptions } from '../../src/verify/verify-image.ts';
import { callsOf } from './resource-calls.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const ALICE = { username: 'alice', password: 'secret' };

const INPUTS: Properties = {
  registry: '127.0.0.1:5000',
  repository: 'ci/debian-12',
  digest: DIGEST,
  kind: 'container',
  platform: 'linux/amd64',
  commands: ['containerd --version'],
  timeout: 60,
};

const LIST: PackageList = {
  format: 'deb',
  distribution: { id: 'debian', version: '12' },
  packages: [{ name: 'a', version: '1', architecture: 'all' }],
};

/** Images come up, unless `failure` says why they don't. */
function verification(failure?: string, hasIdentity = false, packages?: Packages) {
  const started: { image: VerifiedImage; options: VerifyOptions }[] = [];
  const type = verificationType({
    verify(image, options) {
      started.push({ image, options });
      if (failure !== undefined) return Promise.reject(new Error(failure));
      const start = { sign: 'systemd is running', seconds: 3 };
      return Promise.resolve(packages ? { ...start, accelerator: 'tcg', packages } : start);
    },
    credentialsFor: () => Promise.resolve(ALICE),
    hasIdentity: () => hasIdentity,
  });
  return { ...callsOf(type), started };
}

describe('create', () => {
  test.each<[Packages, string]>([
    [{ kind: 'known', list: LIST }, '1 package'],
    [{ kind: 'unknown', reason: 'no cloud-init' }, 'packages unknown: no cloud-init'],
  ])('says what is known of the packages of a disk, outside the state: %j', async (found, line) => {
    const { create, logged } = verification(undefined, false, found);
    const { outputs } = await create({ ...INPUTS, kind: 'vm-disk' });
    expect(logged).toEqual([`info: up after 3 s: systemd is running; ${line}`]);
    expect(outputs).toEqual({ ...INPUTS, kind: 'vm-disk', sign: 'systemd is running' });
  });

  test('starts the image by its digest, as whoever is logged in', async () => {
    const { create, started, logged } = verification();
    const outputs = { ...INPUTS, sign: 'systemd is running' };
    expect(await create(INPUTS)).toEqual({ id: 'name', outputs });
    const { repository, digest, kind, platform, commands: verify } = INPUTS;
    expect(started).toMatchObject([
      {
        image: { name: 'name', repository, digest, kind, platform, verify },
        options: { timeout: 60, session: { credentials: ALICE } },
      },
    ]);
    expect(logged).toEqual(['info: up after 3 s: systemd is running']);
  });

  test('asks systemd where no commands are declared', async () => {
    const { create, started } = verification();
    await create({ ...INPUTS, commands: [] });
    expect(started[0]?.image.verify).toBeUndefined();
  });

  test('fails when the image does not come up, so that the state never says it did', async () => {
    const calls = verification('BOOT_TIMEOUT');
    await expect(calls.create(INPUTS)).rejects.toThrow('BOOT_TIMEOUT');
    await expect(calls.update(INPUTS, INPUTS)).rejects.toThrow('BOOT_TIMEOUT');
  });

  test('starts nothing in a preview, nor where no digest is known', async () => {
    const calls = verification();
    await calls.create(INPUTS, true);
    await calls.update(INPUTS, INPUTS, true);
    const { outputs } = await calls.create({ ...INPUTS, digest: '' });
    expect(outputs).toEqual({ ...INPUTS, digest: '', sign: '' });
    expect(calls.started).toEqual([]);
  });

  test.each([
    ['is started as such where the run has no identity', true, false, true],
    ['is refused where the run has one', true, true, false],
    ['without privileges is started all the same', undefined, true, true],
  ])('a privileged container %s', async (_, privileged, hasIdentity, isStarted) => {
    const { create, started } = verification(undefined, hasIdentity);
    const inputs = privileged === undefined ? INPUTS : { ...INPUTS, privileged };
    const created = create(inputs);
    if (isStarted) await created;
    else await expect(created).rejects.toThrow('PRIVILEGED_REFUSED');
    expect(started.map(({ image }) => image.verifyPrivileged)).toEqual(
      isStarted ? [privileged] : [],
    );
  });

  test('starts two at a time', async () => {
    let running = 0;
    let most = 0;
    const type = verificationType({
      async verify() {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return { sign: 'up', seconds: 0 };
      },
      credentialsFor: () => Promise.resolve(undefined),
      hasIdentity: () => false,
    });
    const { create } = callsOf(type);
    await Promise.all(Array.from({ length: 6 }, () => create(INPUTS)));
    expect(most).toBe(2);
  });
});

describe('check and diff', () => {
  test('what was verified stays so in a run that does not know the digest', async () => {
    expect(await verification().check({ ...INPUTS, digest: '' }, INPUTS)).toEqual(INPUTS);
  });

  test.each<[string, PropertyValue]>([
    ['digest', UNKNOWN],
    ['repository', 'ci/debian-13'],
    ['kind', 'vm-disk'],
    ['platform', 'linux/arm64'],
    ['commands', []],
  ])('another %s is to be started, and another time limit is not', async (key, value) => {
    const { changed } = await verification().diff(INPUTS, { ...INPUTS, timeout: 1, [key]: value });
    expect(changed).toEqual([key]);
  });
});
