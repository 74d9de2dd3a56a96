import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import type { Registry } from '../../src/image-reference.ts';
import { hasErrorCode, InvalidInputError, type Problem } from '../../src/problem.ts';
import { dockerConfigFolder, loadDockerConfig } from '../../src/registry/credentials.ts';
import { providePlugins, type PluginName } from '../toolchain/plugins.ts';
import { resolveEngine } from '../toolchain/pulumi-engine.ts';
import { notesTo } from '../toolchain/report.ts';

/** The programs that Docker and Google's libraries run for the login of a pipeline. */
export const PROGRAMS = join(import.meta.dirname, 'bin');

export interface PreparedOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** The registry that Docker is to push to, and whose the login is; absent where it needs no login from here. */
  readonly registry?: { readonly host: Registry; readonly login: 'google' | 'own' };
  readonly plugins: readonly PluginName[];
}

/**
 * Finds or fetches the engine and its plug-ins, and has Docker and, where the pipeline has an identity for it,
 * Google's libraries log in by programs that they run when they need a token. Returns the environment of the
 * pipeline's steps, and a function that removes the files that were written for it, none of which has a secret.
 * Throws an InvalidInputError, a RegistryError or a PrerequisiteError, and leaves no file then.
 */
export async function prepareEnvironment({
  env,
  say,
  registry,
  plugins,
}: PreparedOptions): Promise<{ readonly env: NodeJS.ProcessEnv; readonly clear: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const clear = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const progress = notesTo(say);
    const archives = join(cacheFolder(), 'archives');
    const engine = join(folder, 'engine');
    const pulumiHome = pulumiHomeOf(env, folder);
    // First: an engine may have to be built, which takes minutes.
    await providePlugins(pulumiHome, plugins, { archives }, progress);
    const { command } = await resolveEngine(progress, { engine, archives });
    const prepared: NodeJS.ProcessEnv = {
      ...env,
      PATH: [PROGRAMS, dirname(command), env['PATH'] ?? ''].join(delimiter),
      PULUMI_HOME: pulumiHome,
      // The engine would run what it downloads by itself, whatever that is.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      // The accounts of pipelines may not list regions, and each run would warn.
      PULUMI_GCP_SKIP_REGION_VALIDATION: 'true',
      // Node's compiled code: the steps start a dozen processes of Node.
      NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? join(folder, 'compile-cache'),
    };
    const credentials = googleCredentials(env);
    if (credentials !== undefined) {
      const file = join(folder, 'credentials.json');
      writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
      prepared['GOOGLE_APPLICATION_CREDENTIALS'] = file;
      prepared['GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES'] = '1';
    }
    if (registry !== undefined) {
      prepared['DOCKER_CONFIG'] = join(folder, 'docker');
      prepared['IMAGES_REGISTRY'] = registry.host;
      prepared['IMAGES_REGISTRY_LOGIN'] = registry.login;
      prepared['IMAGES_DOCKER_CONFIG'] = dockerConfigFolder(env);
      await writeDockerConfig(prepared['DOCKER_CONFIG'], dockerConfigFolder(env));
    }
    return { env: prepared, clear };
  } catch (error) {
    clear();
    throw error;
  }
}

/**
 * The engine's home folder: in `folder`, which is this run's, where the run has an identity. A runner may keep the
 * user's own, with plug-ins that a merge request has put there.
 */
export function pulumiHomeOf(env: NodeJS.ProcessEnv, folder: string): string {
  const { PULUMI_HOME: chosen, GOOGLE_WORKLOAD_IDENTITY_PROVIDER: provider = '' } = env;
  return chosen ?? (provider === '' ? join(homedir(), '.pulumi') : join(folder, 'pulumi-home'));
}

/**
 * Writes a Docker configuration that is the `own` one, but that has every account from docker-credential.ts. It
 * names that program and holds no account: a killed pipeline leaves nothing that opens a registry.
 */
async function writeDockerConfig(folder: string, own: string): Promise<void> {
  const config = await loadDockerConfig(join(own, 'config.json'));
  const text = JSON.stringify({
    ...config,
    // Both may hold secrets.
    auths: undefined,
    HttpHeaders: undefined,
    credHelpers: undefined,
    credsStore: 'ci-images',
  });
  mkdirSync(folder, { mode: 0o700 });
  for (const name of entriesOf(own)) {
    if (name !== 'config.json') symlinkSync(join(own, name), join(folder, name));
  }
  writeFileSync(join(folder, 'config.json'), text, { mode: 0o600 });
}

/** Nothing where there is no such folder. */
function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

const PROVIDER =
  /^projects\/[0-9]+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/;
const ACCOUNT = /^[\w-]+@[\w.-]+\.iam\.gserviceaccount\.com$/;

/**
 * The configuration by which Google's libraries exchange a pipeline's identity token for the rights of a service
 * account ("external_account", AIP-4117). `undefined` where GOOGLE_WORKLOAD_IDENTITY_PROVIDER is not set: the user
 * is logged in already. Throws an InvalidInputError.
 */
export function googleCredentials(env: NodeJS.ProcessEnv) {
  const provider = env['GOOGLE_WORKLOAD_IDENTITY_PROVIDER'] ?? '';
  const account = env['GOOGLE_SERVICE_ACCOUNT'] ?? '';
  const pusher = env['GOOGLE_PUSHER'] ?? '';
  const token = env['GOOGLE_ID_TOKEN'] ?? '';
  const url = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '';
  const bearer = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '';
  if (provider === '') return undefined;
  const problems: Problem[] = [];
  if (!PROVIDER.test(provider)) {
    const problem = 'GOOGLE_WORKLOAD_IDENTITY_PROVIDER is no full name of a provider';
    const remedy =
      'write projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>';
    problems.push({ code: 'GOOGLE_PROVIDER_INVALID', problem, remedy });
  }
  const accounts = {
    GOOGLE_SERVICE_ACCOUNT: account,
    ...(pusher !== '' && { GOOGLE_PUSHER: pusher }),
  };
  for (const [name, value] of Object.entries(accounts)) {
    if (ACCOUNT.test(value)) continue;
    const problem = `${name} is no service account`;
    const remedy = 'write <name>@<project>.iam.gserviceaccount.com';
    problems.push({ code: 'GOOGLE_ACCOUNT_INVALID', problem, remedy });
  }
  if (token === '' && (url === '' || bearer === '')) {
    const problem = 'the job has no identity token';
    const remedy = 'give it `id_tokens` on GitLab, or `id-token: write` on GitHub';
    problems.push({ code: 'GOOGLE_TOKEN_MISSING', problem, remedy });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return {
    type: 'external_account',
    audience: `//iam.googleapis.com/${provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
    // identity-token.ts, on the PATH of the steps.
    credential_source: { executable: { command: 'ci-images-identity-token' } },
  };
}
