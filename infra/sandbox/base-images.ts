import pLimit from 'p-limit';
import { z } from 'zod';
import { formatImageReference, parseImageReference } from '../../src/image-reference.ts';
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

/** The pin of each base. */
export interface PinnedBases {
  readonly pins: ReadonlyMap<string, string>;
  /** Whether a base was made on this machine, now or earlier. */
  readonly areMadeHere: boolean;
  /** How many pins are new. */
  readonly summary: string;
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
  const known = z.record(z.string(), z.string()).safeParse(readJsonFile(basesFile)).data ?? {};
  const pins = new Map(Object.entries(known));
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
    const provide = async (base: string) => {
      pins.set(base, await pin(base));
      progress.count((done += 1), missing.length, 'bases');
      // At once: a base takes half a minute, and the next one may fail.
      writeIfChanged(basesFile, `${JSON.stringify(Object.fromEntries(pins), null, 2)}\n`);
    };
    const limit = pLimit(AT_ONCE);
    const provided = missing.map((base) => limit(provide, base));
    // An error is thrown once no base is being made any more.
    await Promise.allSettled(provided);
    await Promise.all(provided);
  }
  const areMadeHere = bases.some((base) => pins.get(base)?.startsWith(`${address}/`) === true);
  const [made, pulled] = isOnline ? [0, missing.length] : [missing.length, 0];
  const kept = bases.length - missing.length;
  return { pins, areMadeHere, summary: `${made} made, ${pulled} looked up, ${kept} as they were` };
}

async function maker(
  address: string,
  docker: SandboxRecord['docker'],
  { note, at }: Progress,
): Promise<typeof lookUp> {
  const makeRootFileSystem = await findRootFileSystemMaker(note);
  return async (base) => {
    const suite = debianSuite(base);
    if (suite === undefined) {
      throw new PrerequisiteError(
        `${base} can't be pulled, and only Debian suites can be made here`,
        'make Docker Hub reachable, or take docker.io/library/debian:<suite>-slim',
      );
    }
    const made = `${address}/upstream/debian:${suite}`;
    at(`making Debian ${suite}`);
    await makeBaseImage(suite, made, makeRootFileSystem, docker);
    return lookUp(made);
  };
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

/** Assumes that Docker Hub keeps its images. This machine's registry may have been emptied. */
async function isStillThere(pin: string | undefined, here: string): Promise<boolean> {
  const reference = parseImageReference(pin ?? '');
  if (reference?.digest === undefined) return false;
  const { registry, repository, digest } = reference;
  if (registry !== here) return registry === 'docker.io';
  const client = registryClient({ registry, credentials: undefined });
  return (await client.headManifest(repository, digest)) !== undefined;
}
