import pLimit from 'p-limit';
import { z } from 'zod';
import { formatImageReference, parseImageReference, parseTag } from '../../src/image-reference.ts';
import { composeIndex, findWhole } from '../../src/registry/image-index.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import type { Platform } from '../toolchain/foreign-program.ts';
import { isReachable } from '../toolchain/probe.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { Progress } from '../toolchain/report.ts';
import {
  debianSuite,
  findRootFileSystemMaker,
  makeBaseImage,
  type MakeRootFileSystem,
} from './make-base-image.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import type { Sandbox } from './sandbox.ts';
import { readJsonFile, writeIfChanged } from './text-file.ts';

const DOCKER_HUB = 'https://registry-1.docker.io/v2/';

/** Unpacking waits for the disk about as long as it computes. */
const AT_ONCE = 2;

/** The pin of each base. */
interface PinnedBases {
  readonly pins: ReadonlyMap<string, string>;
  /** Whether a base was made on this machine, now or earlier. */
  readonly areMadeHere: boolean;
  /** How many pins are new. */
  readonly summary: string;
}

/** A base, and the platforms that it must have. */
export interface WantedBase {
  readonly base: string;
  readonly platforms: readonly Platform[];
}

/**
 * Pins these bases. A base that is pinned already stays as it is, for the life of the sandbox, unless it lacks a
 * platform. A new one is looked up on Docker Hub, or made from Debian's packages where Docker Hub can't be reached.
 */
export async function provideBases(
  bases: readonly WantedBase[],
  { basesFile }: Sandbox,
  { docker, registry: address }: Pick<SandboxRecord, 'docker' | 'registry'>,
  progress: Progress,
): Promise<PinnedBases> {
  const known = z.record(z.string(), z.string()).safeParse(readJsonFile(basesFile)).data ?? {};
  const pins = new Map(Object.entries(known));
  const missing: WantedBase[] = [];
  for (const wanted of bases) {
    const pin = pins.get(wanted.base);
    if (!(await isStillThere(pin, wanted.platforms, address))) missing.push(wanted);
  }
  const isOnline = missing.length > 0 && (await isReachable(DOCKER_HUB));
  if (missing.length > 0) {
    if (!isOnline) {
      const duration = missing.some(({ platforms }) => platforms.length > 1)
        ? 'minutes'
        : 'a minute';
      progress.note(
        `Docker Hub can't be reached: making bases from Debian's packages, ${duration}`,
      );
    }
    const pin = isOnline
      ? ({ base }: WantedBase) => lookUp(base)
      : await maker(address, docker, progress);
    let done = 0;
    progress.count(done, missing.length, 'bases');
    const provide = async (wanted: WantedBase) => {
      pins.set(wanted.base, await pin(wanted));
      progress.count((done += 1), missing.length, 'bases');
      // Saved at once: a base takes half a minute, and the next one may fail.
      writeIfChanged(basesFile, `${JSON.stringify(Object.fromEntries(pins), null, 2)}\n`);
    };
    const limit = pLimit(AT_ONCE);
    const provided = missing.map((wanted) => limit(provide, wanted));
    // An error is thrown once no base is being made any more.
    await Promise.allSettled(provided);
    await Promise.all(provided);
  }
  const areMadeHere = bases.some(({ base }) => pins.get(base)?.startsWith(`${address}/`) === true);
  const [made, pulled] = isOnline ? [0, missing.length] : [missing.length, 0];
  const kept = bases.length - missing.length;
  return { pins, areMadeHere, summary: `${made} made, ${pulled} looked up, ${kept} as they were` };
}

async function maker(
  address: string,
  docker: SandboxRecord['docker'],
  { note, at }: Progress,
): Promise<(wanted: WantedBase) => Promise<string>> {
  const makeRootFileSystem = await findRootFileSystemMaker(note);
  return async ({ base, platforms }) => {
    const suite = debianSuite(base);
    if (suite === undefined) {
      throw new PrerequisiteError(
        `${base} can't be pulled, and only Debian suites can be made here`,
        'make Docker Hub reachable, or take docker.io/library/debian:<suite>-slim',
      );
    }
    at(`making Debian ${suite}`);
    return lookUp(await makeBase({ suite, platforms, address }, makeRootFileSystem, docker));
  };
}

/**
 * Makes a base image, an index where it is for several platforms, and pushes it to the registry at `address`. Returns its
 * reference there.
 */
export async function makeBase(
  {
    suite,
    platforms,
    address,
  }: {
    readonly suite: string;
    readonly platforms: readonly Platform[];
    readonly address: string;
  },
  makeRootFileSystem: MakeRootFileSystem,
  docker: SandboxRecord['docker'],
): Promise<string> {
  const made = `${address}/upstream/debian:${suite}`;
  const [platform, ...more] = platforms;
  if (platform !== undefined && more.length === 0) {
    await makeBaseImage(suite, platform, made, makeRootFileSystem, docker);
    return made;
  }
  const { registry, repository, tag } = parseImageReference(made) ?? {};
  if (registry === undefined || repository === undefined || tag === undefined)
    throw new Error(made);
  const client = registryClient({ registry, credentials: undefined });
  const members = [];
  for (const member of platforms) {
    const own = parseTag(`${suite}-${member.replaceAll('/', '-')}`);
    if (own === undefined) throw new Error(member);
    const reference = formatImageReference({ registry, repository, tag: own });
    await makeBaseImage(suite, member, reference, makeRootFileSystem, docker);
    const descriptor = await client.headManifest(repository, own);
    if (descriptor === undefined) throw new Error(`${reference} was pushed, and is not there`);
    members.push({ platform: member, descriptor });
  }
  await client.putManifest(repository, tag, composeIndex(members, {}));
  return made;
}

/** The reference with the present digest of its tag. */
async function lookUp(base: string): Promise<string> {
  const reference = parseImageReference(base);
  if (reference?.tag !== undefined) {
    const client = registryClient({ registry: reference.registry, credentials: undefined });
    const found = await client.headManifest(reference.repository, reference.tag);
    if (found !== undefined) return formatImageReference({ ...reference, digest: found.digest });
  }
  const remedy = 'correct infra/sandbox/images.yml';
  throw new PrerequisiteError(`the base ${base} does not exist`, remedy);
}

/** Assumes that Docker Hub keeps its images, for all platforms. This machine's registry may have been emptied. */
async function isStillThere(
  pin: string | undefined,
  platforms: readonly string[],
  here: string,
): Promise<boolean> {
  const reference = parseImageReference(pin ?? '');
  if (reference?.digest === undefined) return false;
  const { registry, repository, digest } = reference;
  if (registry !== here) return registry === 'docker.io';
  const client = registryClient({ registry, credentials: undefined });
  const found = await findWhole(client, repository, digest);
  // A base of one platform is no index, and was made for linux/amd64.
  const has = Object.keys(found?.members ?? { 'linux/amd64': digest });
  return found !== undefined && platforms.every((platform) => has.includes(platform));
}
