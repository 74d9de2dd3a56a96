import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../git/cache-folder.ts';
import { dockerClient, type Docker } from '../verify/docker-client.ts';
import { VerifyError } from '../verify/verify-error.ts';

/** The name of images while they are tried. Nobody can push it, and no registry has it. */
const REPOSITORY = 'localhost/kubernetes-ci-images-build';

/** A build and a start take a day each at most. */
const LONGEST_MS = 3 * 86_400_000;

/** A name for an image in the Docker Engine, and a folder for what it is built from. Both go with `release`. */
interface TriedImage {
  readonly imageName: string;
  readonly folder: string;
  readonly release: () => Promise<void>;
}

/** Also removes what killed runs have left, once it can be of none that goes on. */
export async function openTriedImage(): Promise<TriedImage> {
  // No signal ends the removal: what it removes is this run's own.
  const docker = dockerClient(new AbortController().signal);
  const folders = join(cacheFolder(), 'builds');
  await mkdir(folders, { recursive: true });
  await removeAbandoned(docker, folders);
  const id = `${Date.now()}-${randomBytes(4).toString('hex')}`;
  const imageName = `${REPOSITORY}:${id}`;
  const folder = join(folders, id);
  await mkdir(folder);
  const release = async () => {
    await rm(folder, { recursive: true, force: true });
    if ((await idsOf(docker)).includes(id)) await removeImage(docker, imageName);
  };
  return { imageName, folder, release };
}

async function removeAbandoned(docker: Docker, folders: string): Promise<void> {
  for (const id of (await readdir(folders)).filter(isAbandoned)) {
    await rm(join(folders, id), { recursive: true, force: true });
  }
  for (const id of (await idsOf(docker)).filter(isAbandoned)) {
    await removeImage(docker, `${REPOSITORY}:${id}`, '--force');
  }
}

/** Removes an image. One that something else uses stays: that says nothing of what is built. */
export async function removeImage(
  docker: Docker,
  reference: string,
  ...options: readonly string[]
): Promise<void> {
  await docker('image', 'rm', ...options, reference).catch((error: unknown) => {
    if (!(error instanceof VerifyError)) throw error;
  });
}

/** Whether the Docker Engine has an image. */
export async function isInEngine(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker('image', 'inspect', '--format', '{{.Id}}', reference);
    return true;
  } catch (error) {
    if (error instanceof VerifyError) return false;
    throw error;
  }
}

function isAbandoned(id: string): boolean {
  const [begun] = id.split('-');
  return Date.now() - Number(begun) > LONGEST_MS;
}

async function idsOf(docker: Docker): Promise<readonly string[]> {
  const listing = await docker('image', 'ls', '--format', '{{.Tag}}', REPOSITORY);
  return listing.split('\n').filter((tag) => tag !== '');
}
