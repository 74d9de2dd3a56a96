import { join } from 'node:path';
import { takeLock } from '../toolchain/lock.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

/** The places of one sandbox: everything that `npm start` makes lies below its checkout's `.sandbox`. */
export interface Sandbox {
  /** The checkout, as an absolute path. */
  readonly root: string;
  readonly folder: string;
  /** Held by a running `npm start`, `npm stop` or pipeline. */
  readonly lockFile: string;
  /** The programs that the last `npm start` found and started (`SandboxRecord`). */
  readonly recordFile: string;
  /** The engine's plug-ins and credentials. */
  readonly pulumiHome: string;
  /** The engine's backend: one file per stack. */
  readonly state: string;
  readonly registryFolder: string;
  /** The Google API emulator's. */
  readonly emulatorFolder: string;
  /** The emulator of GitLab's: its token, and its pipelines with their logs. */
  readonly gitlabFolder: string;
  /** The VM disks of the server that stands for a distribution's. */
  readonly upstreamFolder: string;
  readonly dockerFolder: string;
  /** Unpinned base image → the pinned reference that stands for it here, as JSON. */
  readonly basesFile: string;
  /** The catalog as it is checked in, with bases not pinned, and the one that `up` reads. */
  readonly catalogTemplate: string;
  readonly catalogFile: string;
  /** The catalog as it was generated, before any refresh. */
  readonly generatedCatalog: string;
  /** The bare git repository that pipelines clone: it stands for the project's on GitLab. */
  readonly project: string;
  /** A git repository whose branches use the images. */
  readonly consumer: string;
  /** The settings of the stack `sandbox`. */
  readonly stackFile: string;
  /** The settings of the stack that the sandbox copies. */
  readonly productionFile: string;
}

/** The project's name in Pulumi.yaml. */
export const PROJECT = 'kubernetes-ci-images';

/** The name of the stack that `npm start` brings up. */
export const SANDBOX_STACK = 'sandbox';

/** The checkout that this file belongs to, as an absolute path. */
export const CHECKOUT = join(import.meta.dirname, '../..');

/** The Google project of the sandbox. It exists in the emulator only. */
export const GOOGLE_PROJECT = 'kubernetes-ci-sandbox';

/** Production's. */
export const REGION = 'us-central1';

/** The Artifact Registry repository that holds the images. */
export const REPOSITORY_ID = 'images';

/** The emulator takes any text for a token, as long as there is one. */
export const ACCESS_TOKEN = 'sandbox';

/** The sandbox of the checkout at `root`, an absolute path. Touches nothing. */
export function sandboxAt(root: string): Sandbox {
  const folder = join(root, '.sandbox');
  return {
    root,
    folder,
    lockFile: join(folder, 'lock'),
    recordFile: join(folder, 'sandbox.json'),
    pulumiHome: join(folder, 'pulumi-home'),
    state: join(folder, 'state'),
    registryFolder: join(folder, 'registry'),
    emulatorFolder: join(folder, 'google-api'),
    gitlabFolder: join(folder, 'gitlab'),
    upstreamFolder: join(folder, 'upstream'),
    dockerFolder: join(folder, 'docker'),
    basesFile: join(folder, 'bases.json'),
    catalogTemplate: join(root, 'infra/sandbox/images.yml'),
    catalogFile: join(folder, 'images.yml'),
    generatedCatalog: join(folder, 'images.generated.yml'),
    project: join(folder, 'gitlab/project.git'),
    consumer: join(folder, 'consumer'),
    stackFile: join(root, `Pulumi.${SANDBOX_STACK}.yaml`),
    productionFile: join(root, 'Pulumi.prod.yaml'),
  };
}

/**
 * Does `work` while no other `npm start` or `npm stop`, and no pipeline, works on the same sandbox. Throws a
 * PrerequisiteError where one does.
 */
export async function withSandboxLock<T>(
  { lockFile }: Sandbox,
  work: () => Promise<T>,
): Promise<T> {
  const lock = takeLock(lockFile);
  if (typeof lock !== 'function') {
    throw new PrerequisiteError(
      `another \`npm start\`, \`npm stop\` or a refresh is at work here (process ${lock.heldBy})`,
      'wait until it is done',
    );
  }
  try {
    return await work();
  } finally {
    lock();
  }
}
