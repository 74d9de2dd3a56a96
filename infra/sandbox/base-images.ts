import pLimit from 'p-limit';
import { z } from 'zod';
import {
  formatImageReference,
  type ImageReference,
  parseImageReference,
} from '../../src/image-reference.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { isReachable } from '../toolchain/probe.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { Progress } from '../toolchain/report.ts';
import { debianSuite, findRootFileSystemMaker, makeBaseImage } from './make-base-image.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import type { Sandbox } from './sandbox.ts';
import { readJsonFile, writeIfChanged } from './text-file.ts';

const DOCKER_HUB = 'https://registry-1.docker.io/v2/';

/** Unpacking waits for the disk about as long as it computes. */
const AT_ONCE = 2;

/** The pin of each base, and how many pins are new. */
export interface PinnedBases {
  readonly pins: ReadonlyMap<string, string>;
  readonly pulled: number;
  readonly made: number;
  /** Whether a base was made on this machine, now or earlier. */
  readonly areMadeHere: boolean;
}

/**
 * Pins these bases. A base that is pinned already stays as it is, for the life of the sandbox. A new
 * one is looked up on Docker Hub, or made from Debian's packages where Docker Hub can't be reached.
 */
export async function provideBases(
  bases: readonly string[],
  { basesFile }: Sandbox,
  { docker, registry: address }: Pick<SandboxRecord, 'docker' | 'registry'>,
  progress: Progress,
): Promise<PinnedBases> {
  const pins = readPins(basesFile);
  const missing: string[] = [];
  for (const base of bases) {
    if (!(await isStillThere(pins.get(base), address))) missing.push(base);
  }
  const isOnline = missing.length > 0 && (await isReachable(DOCKER_HUB));
  if (missing.length > 0) {
    if (!isOnline) {
      progress.note("Docker Hub can't be reached: making bases from Debian's packages, a minute");
    }
    const pin = isOnline ? lookUp : await maker(address, docker, progress);
    let done = 0;
    progress.count(done, missing.length, 'bases');
    await forEachLimited(AT_ONCE, missing, async (base) => {
      pins.set(base, await pin(parseBase(base)));
      progress.count((done += 1), missing.length, 'bases');
      // At once: a base takes half a minute, and the next one may fail.
      writeIfChanged(basesFile, `${JSON.stringify(Object.fromEntries(pins), null, 2)}\n`);
    });
  }
  return {
    pins,
    pulled: isOnline ? missing.length : 0,
    made: isOnline ? 0 : missing.length,
    areMadeHere: bases.some((base) => pins.get(base)?.startsWith(`${address}/`) === true),
  };
}

/**
 * Does `work` for every item, in order, with a concurrency limit. After a failure no work begins any more.
 * The error is thrown once the running work has ended.
 */
export async function forEachLimited<T>(
  concurrency: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const limit = pLimit({ concurrency, rejectOnClear: true });
  const limited = async (item: T) => {
    try {
      await work(item);
    } catch (error) {
      limit.clearQueue();
      throw error;
    }
  };
  const results = await Promise.allSettled(items.map((item) => limit(limited, item)));
  // The failure comes before those of work that did not begin.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

type Pin = (base: ImageReference) => Promise<string>;

const lookUp: Pin = async (base) => pinned(base, base);

async function maker(
  address: string,
  docker: SandboxRecord['docker'],
  { note, at }: Progress,
): Promise<Pin> {
  const makeRootFileSystem = await findRootFileSystemMaker(note);
  return async (base) => {
    const suite = debianSuite(base);
    if (suite === undefined) {
      throw new PrerequisiteError(
        `${formatImageReference(base)} can't be pulled, and only Debian suites can be made here`,
        'make Docker Hub reachable, or take docker.io/library/debian:<suite>-slim',
      );
    }
    const made = `${address}/upstream/debian:${suite}`;
    at(`making Debian ${suite}`);
    await makeBaseImage(suite, made, makeRootFileSystem, docker);
    return pinned(parseBase(made), base);
  };
}

/** The reference with the present digest of its tag. */
async function pinned(reference: ImageReference, base: ImageReference): Promise<string> {
  const { registry, repository, tag } = reference;
  const client = registryClient({ registry, credentials: undefined });
  const found = tag === undefined ? undefined : await client.headManifest(repository, tag);
  if (found === undefined) {
    throw new PrerequisiteError(
      `the base ${formatImageReference(base)} does not exist`,
      'correct infra/sandbox/images.yml',
    );
  }
  return formatImageReference({ ...reference, digest: found.digest });
}

/** Assumes that Docker Hub keeps its images. This machine's registry may have been emptied. */
async function isStillThere(pin: string | undefined, here: string): Promise<boolean> {
  const reference = parseImageReference(pin ?? '');
  if (reference?.digest === undefined) return false;
  const { registry, repository, digest } = reference;
  if (registry === 'docker.io') return true;
  if (registry !== here) return false;
  const client = registryClient({ registry, credentials: undefined });
  return (await client.headManifest(repository, digest)) !== undefined;
}

function parseBase(base: string): ImageReference {
  const reference = parseImageReference(base);
  if (reference !== undefined) return reference;
  throw new PrerequisiteError(
    `infra/sandbox/images.yml: ${base} is no image reference`,
    'write registry/repository:tag',
  );
}

function readPins(file: string): Map<string, string> {
  const pins = z.record(z.string(), z.string()).safeParse(readJsonFile(file));
  return new Map(Object.entries(pins.data ?? {}));
}
