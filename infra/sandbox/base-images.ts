import { readFileSync } from 'node:fs';
import {
  formatImageReference,
  type ImageReference,
  parseImageReference,
  parseRegistry,
  parseRepository,
  parseTag,
  type Registry,
} from '../../src/image-reference.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { isReachable } from '../toolchain/probe.ts';
import {
  debianSuite,
  findRootFileSystemMaker,
  makeBaseImage,
  type MakeRootFileSystem,
} from './make-base-image.ts';
import { pinBases, unpinnedBases, withoutDatedArchives } from './catalog.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { Progress } from '../toolchain/report.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import type { Sandbox } from './sandbox.ts';
import { twoAtATime } from './two-at-a-time.ts';
import { writeIfChanged } from './text-file.ts';

const DOCKER_HUB = 'https://registry-1.docker.io/v2/';

/** What one `npm start` had to do for the bases, and the catalog with all of them pinned. */
export interface PinnedBases {
  readonly catalog: string;
  readonly total: number;
  readonly pulled: number;
  readonly made: number;
}

/**
 * Pins every base of the sandbox's catalog. A base that is pinned already stays as it
 * is, for the life of the sandbox; a new one is looked up on Docker Hub where that can be reached,
 * and made from Debian's packages otherwise. A machine that has to make one reaches no dated archive
 * either, so that what is installed on it is today's.
 */
export async function provideBases(
  sandbox: Sandbox,
  docker: SandboxRecord['docker'],
  address: string,
  progress: Progress,
): Promise<PinnedBases> {
  const template = readFileSync(sandbox.catalogTemplate, 'utf8');
  const bases = unpinnedBases(template);
  const pins = readPins(sandbox.basesFile);
  const registry = parseRegistry(address);
  if (registry === undefined) throw new TypeError(`no registry: ${address}`);
  const missing: string[] = [];
  for (const base of bases) {
    if (!(await isStillThere(pins.get(base), registry))) missing.push(base);
  }
  const count = { total: bases.length, pulled: 0, made: 0 };
  if (missing.length > 0) {
    const online = await isReachable(DOCKER_HUB);
    if (!online) {
      progress.note('Docker Hub can’t be reached: making bases from Debian’s packages, a minute');
    }
    const pin = online ? lookUp : await maker(registry, docker, progress);
    let done = 0;
    progress.count(done, missing.length, 'bases');
    // Unpacking waits for the disk about as long as it computes.
    await twoAtATime(missing, async (base) => {
      pins.set(base, await pin(parseBase(base)));
      progress.count((done += 1), missing.length, 'bases');
      // At once, so that what took half a minute is kept if the next one fails.
      writeIfChanged(sandbox.basesFile, `${JSON.stringify(Object.fromEntries(pins), null, 2)}\n`);
    });
    count[online ? 'pulled' : 'made'] = missing.length;
  }
  const made = bases.some((base) => pins.get(base)?.startsWith(`${registry}/`) === true);
  const pinned = pinBases(template, pins);
  return { ...count, catalog: made ? withoutDatedArchives(pinned) : pinned };
}

type Pin = (base: ImageReference) => Promise<string>;

const lookUp: Pin = async (base) => pinned(base, base);

async function maker(
  registry: Registry,
  docker: SandboxRecord['docker'],
  { note, at }: Progress,
): Promise<Pin> {
  const makeRootFileSystem: MakeRootFileSystem = await findRootFileSystemMaker(note);
  return async (base) => {
    const suite = debianSuite(base);
    if (suite === undefined) {
      throw new PrerequisiteError(
        `${formatImageReference(base)} can’t be pulled, and only Debian suites can be made here`,
        'make Docker Hub reachable, or take docker.io/library/debian:<suite>-slim',
      );
    }
    const repository = parseRepository('upstream/debian');
    const tag = parseTag(suite);
    if (repository === undefined || tag === undefined) throw new TypeError(`no tag: ${suite}`);
    const made: ImageReference = { registry, repository, tag };
    at(`making Debian ${suite}`);
    await makeBaseImage(suite, formatImageReference(made), makeRootFileSystem, docker);
    return pinned(made, base);
  };
}

/** The reference with the digest that its tag has now. */
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

/** Docker Hub is believed to keep what it had; this machine's registry may have been emptied. */
async function isStillThere(pin: string | undefined, here: Registry): Promise<boolean> {
  const reference = pin === undefined ? undefined : parseImageReference(pin);
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
  try {
    return new Map(
      Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>),
    );
  } catch {
    return new Map();
  }
}
