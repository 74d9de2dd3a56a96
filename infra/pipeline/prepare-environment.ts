import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { InvalidInputError, type Problem } from '../../src/problem.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { providePlugins } from '../toolchain/plugins.ts';
import { resolveEngine } from '../toolchain/pulumi-engine.ts';
import { notesTo } from '../toolchain/report.ts';

/**
 * Finds or fetches the engine and its plug-ins, and logs in to Google where the pipeline has an identity for it. Returns the
 * environment of the pipeline's steps, and a function that removes the files that were written for it.
 * Throws an InvalidInputError or a PrerequisiteError, and leaves no file then.
 */
export async function prepareEnvironment(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<{ readonly env: NodeJS.ProcessEnv; readonly clear: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const clear = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const progress = notesTo(say);
    const archives = join(cacheFolder(), 'archives');
    const engine = join(folder, 'engine');
    const { command } = await resolveEngine(progress, { engine, archives });
    const pulumiHome = env['PULUMI_HOME'] ?? join(homedir(), '.pulumi');
    await providePlugins(pulumiHome, archives, progress);
    const prepared: NodeJS.ProcessEnv = {
      ...env,
      PATH: [dirname(command), env['PATH'] ?? ''].join(delimiter),
      // The engine would run what it downloads by itself, whatever that is.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      // Node's compiled code: the steps start a dozen processes of Node.
      NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? join(folder, 'compile-cache'),
    };
    const files = googleCredentials(env, folder);
    if (files !== undefined) {
      for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(folder, name), text, { mode: 0o600 });
      }
      prepared['GOOGLE_APPLICATION_CREDENTIALS'] = join(folder, 'credentials.json');
    }
    return { env: prepared, clear };
  } catch (error) {
    clear();
    throw error;
  }
}

const PROVIDER =
  /^projects\/[0-9]+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/;
const ACCOUNT = /^[\w-]+@[\w.-]+\.iam\.gserviceaccount\.com$/;

/**
 * The files, to be written into `folder`, by which Google's libraries exchange a pipeline's identity token for
 * the rights of a service account ("external_account", AIP-4117). `undefined` where
 * GOOGLE_WORKLOAD_IDENTITY_PROVIDER is not set: the user is logged in already. Throws an InvalidInputError.
 */
export function googleCredentials(
  env: NodeJS.ProcessEnv,
  folder: string,
): Readonly<Record<'credentials.json' | 'token', string>> | undefined {
  const provider = env['GOOGLE_WORKLOAD_IDENTITY_PROVIDER'] ?? '';
  const account = env['GOOGLE_SERVICE_ACCOUNT'] ?? '';
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
  if (!ACCOUNT.test(account)) {
    const problem = 'GOOGLE_SERVICE_ACCOUNT is no service account';
    const remedy = 'write <name>@<project>.iam.gserviceaccount.com';
    problems.push({ code: 'GOOGLE_ACCOUNT_INVALID', problem, remedy });
  }
  if (token === '' && (url === '' || bearer === '')) {
    const problem = 'the job has no identity token';
    const remedy = 'give it `id_tokens` on GitLab, or `id-token: write` on GitHub';
    problems.push({ code: 'GOOGLE_TOKEN_MISSING', problem, remedy });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  const audience = `https://iam.googleapis.com/${provider}`;
  const github = {
    url: `${url}&audience=${encodeURIComponent(audience)}`,
    headers: { Authorization: `Bearer ${bearer}` },
    format: { type: 'json', subject_token_field_name: 'value' },
  };
  const credentials = {
    type: 'external_account',
    audience: `//iam.googleapis.com/${provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
    credential_source: token === '' ? github : { file: `${folder}/token` },
  };
  return { 'credentials.json': `${JSON.stringify(credentials, null, 2)}\n`, token };
}
