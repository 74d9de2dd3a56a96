import { delimiter, dirname, join } from 'node:path';
import type { SandboxRecord } from './sandbox-record.ts';
import { type Sandbox, SANDBOX_STACK } from './sandbox.ts';

/** The sandbox's state holds no real secret: its registry takes no password. */
const PASSPHRASE = 'sandbox';

/** The gcp plug-in takes a project, credentials and addresses of Google's from variables as well. */
const GOOGLE_VARIABLES = /^(?:GOOGLE|GCLOUD|CLOUDSDK)_|^USER_PROJECT_OVERRIDE$/;

/**
 * The whole environment in which the engine runs against the sandbox: its state, its plug-ins, its
 * Docker Engine, and nothing of the user's own Pulumi and Google accounts.
 */
export function engineEnvironment(
  { root, pulumiHome, state }: Sandbox,
  { engine, docker }: Pick<SandboxRecord, 'engine' | 'docker'>,
  inherited: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const path = [
    // An official language host runs the first `node` it finds, and the machine's may be too old.
    join(root, 'node_modules/.bin'),
    dirname(engine.command),
    dirname(docker.cli),
    inherited['PATH'] ?? '',
  ];
  return {
    ...withoutGoogle(inherited),
    PATH: path.join(delimiter),
    // The user's own values would win over the following ones.
    PULUMI_ACCESS_TOKEN: undefined,
    PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    DOCKER_CONTEXT: undefined,
    PULUMI_HOME: pulumiHome,
    PULUMI_BACKEND_URL: stateIn(state),
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_STACK: SANDBOX_STACK,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // One image that fails to build must not keep the others from being published.
    PULUMI_CONTINUE_ON_ERROR: 'true',
    // With it, an `up` without a refresh would not look up whether the last `up` published, and so would
    // never adopt its images. Commands that refresh set it by `--run-program`.
    PULUMI_RUN_PROGRAM: undefined,
    // The plug-ins are there: the engine would download any other without a check.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    // The gcp plug-in would ask the real Compute Engine for its regions. The setting of the same name has no
    // effect: the plug-in gets it as a text, and takes a boolean only.
    PULUMI_GCP_SKIP_REGION_VALIDATION: 'true',
    // Node's compiled code: an engine starts up to six processes of Node in each run.
    NODE_COMPILE_CACHE: join(pulumiHome, 'compile-cache'),
    DOCKER_HOST: docker.host,
    DOCKER_CLI: docker.cli,
  };
}

/**
 * Address of a state in a folder. Without `metadata=skip`, the engine writes a file of attributes after each
 * of its files: an engine that is killed in between leaves an empty one, and can't load its state again.
 */
export function stateIn(folder: string): string {
  return `file://${folder}?metadata=skip`;
}

function withoutGoogle(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(([name]) => !GOOGLE_VARIABLES.test(name));
  return Object.fromEntries(kept);
}
