import { join } from 'node:path';
import { takeLock } from '../toolchain/lock.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

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

export type Sandbox = Readonly<ReturnType<typeof sandboxAt>>;

/**
 * The places of the sandbox of the checkout at `root`, an absolute path. Everything that `npm start` makes
 * lies below `.sandbox`. Touches nothing.
 */
export function sandboxAt(root: string) {
  const folder = join(root, '.sandbox');
  return {
    root,
    folder,
    /** Held by a running `npm start`, `npm stop` or pipeline. */
    lockFile: join(folder, 'lock'),
    /** The programs that the last `npm start` found and started (`SandboxRecord`). */
    recordFile: join(folder, 'sandbox.json'),
    /** The engine's plug-ins and credentials. */
    pulumiHome: join(folder, 'pulumi-home'),
    /** The engine's backend: one file per stack. */
    state: join(folder, 'state'),
    registryFolder: join(folder, 'registry'),
    /** The Google API emulator's. */
    emulatorFolder: join(folder, 'google-api'),
    /** The GitLab emulator's: its token, and its pipelines with their logs. */
    gitlabFolder: join(folder, 'gitlab'),
    /** The VM disks of the server that stands for a distribution's. */
    upstreamFolder: join(folder, 'upstream'),
    /** The page of all images. */
    pageFolder: join(folder, 'page'),
    dockerFolder: join(folder, 'docker'),
    /** Unpinned base image → the pinned reference that stands for it here, as JSON. */
    basesFile: join(folder, 'bases.json'),
    /** The platforms of the last `npm start -- --platforms`, as JSON. */
    platformsFile: join(folder, 'platforms.json'),
    /** The catalog as it is checked in, with bases not pinned. */
    catalogTemplate: join(root, 'infra/sandbox/images.yml'),
    /** The catalog that `up` reads. */
    catalogFile: join(folder, 'images.yml'),
    /** The catalog as it was generated, before any refresh. */
    generatedCatalog: join(folder, 'images.generated.yml'),
    /** The bare git repository that pipelines clone: it stands for the project's on GitLab. */
    project: join(folder, 'gitlab/project.git'),
    /** A git repository whose branches use the images. */
    consumer: join(folder, 'consumer'),
    /** The settings of the stack `sandbox`. */
    stackFile: join(root, `Pulumi.${SANDBOX_STACK}.yaml`),
    /** The settings of the stack that the sandbox copies. */
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
