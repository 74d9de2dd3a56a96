import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PLATFORM, type Content } from '../catalog/image.ts';
import { formatDay } from '../dates.ts';
import { formatImageReference, type Digest, type Repository } from '../image-reference.ts';
import { unknown, type Packages } from '../packages/package-list.ts';
import { messageOf } from '../problem.ts';
import { bootDisk, type Boot } from './boot-disk.ts';
import { keepList, keptList } from './kept-lists.ts';
import { keepVerification, type KeptVerification } from './kept-verifications.ts';
import { pullDisk, type PullSession } from './pull-disk.ts';
import { startContainer, type Start } from './start-container.ts';
import { lastLines, VerifyError } from './verify-error.ts';

/** A published image to start. */
export interface VerifiedImage {
  readonly name: string;
  readonly kind: Content;
  readonly repository: Repository;
  readonly digest: Digest;
  /** `os/architecture`. */
  readonly platform: string;
  /** The commands that must succeed in a container. Absent: its systemd must be running. */
  readonly verify?: readonly string[];
  readonly verifyPrivileged?: boolean;
}

export interface VerifyOptions {
  readonly session: PullSession & { readonly signal: AbortSignal };
  /** Seconds until it must be up. */
  readonly timeout: number;
  readonly note: (line: string) => void;
}

/** How an image came up. */
type Verified = Boot | Omit<Start, 'console'>;

/**
 * Starts a published image, which Docker pulls by its own login, and returns how it came up. Keeps the result with the end
 * of the console for the page, the package list of a disk for its attestation, and the console of a disk that did not
 * come up; nothing else. Throws a VerifyError, a RegistryError or a DiskError.
 */
export async function verifyImage(image: VerifiedImage, options: VerifyOptions): Promise<Verified> {
  const isDisk = image.kind === 'vm-disk';
  try {
    const { console, ...started } = await (isDisk ? startDisk : start)(image, options);
    await keepOutcome(image, { isUp: true, text: started.sign, console }, options);
    return started;
  } catch (error) {
    if (error instanceof VerifyError && !OF_THE_MACHINE.includes(error.code)) {
      const { problem, shown } = error;
      await keepOutcome(image, { isUp: false, text: problem, console: shown }, options);
    }
    throw error;
  }
}

/** These say nothing of the image. */
const OF_THE_MACHINE: readonly VerifyError['code'][] = [
  'NOT_PUBLISHED',
  'PRIVILEGED_REFUSED',
  'FOREIGN_PLATFORM',
  'MISSING_PROGRAM',
  'DOCKER_FAILED',
];

async function keepOutcome(
  { digest }: VerifiedImage,
  outcome: Omit<KeptVerification, 'day'>,
  { session, note }: VerifyOptions,
): Promise<void> {
  const { credentials } = session;
  const day = formatDay(new Date());
  try {
    await keepVerification(digest, { ...outcome, day }, secretsOf(credentials));
  } catch (error) {
    note(`its verification cannot be kept: ${messageOf(error)}`);
  }
}

function secretsOf(credentials: PullSession['credentials']): readonly string[] {
  if (credentials === undefined || typeof credentials === 'function') return [];
  return ['password' in credentials ? credentials.password : credentials.identityToken];
}

function start(image: VerifiedImage, options: VerifyOptions): Promise<Start> {
  const { session, timeout } = options;
  const { registry, signal } = session;
  const { repository, digest, platform, verify: commands } = image;
  const reference = formatImageReference({ registry, repository, digest });
  const isPrivileged = image.verifyPrivileged === true;
  return startContainer(reference, { timeout, signal, platform, commands, isPrivileged });
}

const LOG_LINES = 60;

/** What a machine prints without its package list, which is packed. */
function withoutLists(console: string): string {
  return console.replaceAll(/<<packages [^>\n]*>>/g, '');
}

/** What the names of folders with a console and a disk begin with. */
const CONSOLES = 'kubernetes-ci-images-verify-';

/** No verification takes longer than its time limit, which is a day at most, and a download of hours. */
const LONGEST_MS = 2 * 86_400_000;

/** Removes the disks of runs that were killed. Their consoles are small, and may be wanted. */
async function removeAbandonedDisks(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(CONSOLES)) continue;
    const disk = join(tmpdir(), name, 'disk');
    const found = await stat(disk).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < LONGEST_MS) continue;
    await rm(disk, { recursive: true, force: true });
  }
}

/** Boots a disk, and keeps what is known of its packages for the attestation, which comes later in the run. */
async function startDisk(image: VerifiedImage, options: VerifyOptions) {
  try {
    const boot = await pullAndBoot(image, options);
    await keep(image, boot.packages, options);
    return boot;
  } catch (error) {
    if (error instanceof VerifyError) {
      await keep(image, unknown(`the boot that lists them failed: ${error.problem}`), options);
    }
    throw error;
  }
}

/** A list that is known stays so: the digest is that of its content. */
async function keep({ digest }: VerifiedImage, packages: Packages, { note }: VerifyOptions) {
  try {
    if (packages.kind === 'unknown' && (await keptList(digest))?.kind === 'known') return;
    await keepList(digest, packages);
  } catch (error) {
    note(`its package list cannot be kept: ${messageOf(error)}`);
  }
}

async function pullAndBoot(image: VerifiedImage, { session, timeout, note }: VerifyOptions) {
  if (image.platform !== DEFAULT_PLATFORM) {
    const problem = `it is for ${image.platform}, and disks are booted on ${DEFAULT_PLATFORM}`;
    const remedy = 'verify it by hand, and leave the setting `verify` off in a stack that has it';
    throw new VerifyError('FOREIGN_PLATFORM', problem, remedy);
  }
  await removeAbandonedDisks();
  // The name of a resource may have a platform, and a platform has slashes.
  const name = image.name.replaceAll(/[^\w.-]/g, '-');
  const consoles = await mkdtemp(join(tmpdir(), `${CONSOLES}${name}-`));
  const folder = join(consoles, 'disk');
  const log = join(consoles, 'console.log');
  let isLogWanted = false;
  try {
    const disk = await pullDisk(image, session, folder, note);
    const boot = await bootDisk(disk, { timeout, log, signal: session.signal, note });
    return { ...boot, console: lastLines(withoutLists(await readFile(log, 'utf8')), LOG_LINES) };
  } catch (error) {
    isLogWanted = error instanceof VerifyError && error.code.startsWith('BOOT_');
    throw error;
  } finally {
    await rm(isLogWanted ? folder : consoles, { recursive: true, force: true });
  }
}
