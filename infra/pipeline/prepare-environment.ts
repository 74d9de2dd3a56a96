import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { InvalidInputError, type Problem } from '../../src/problem.ts';
import { resolveEngine } from '../toolchain/pulumi-engine.ts';
import { notesTo } from '../toolchain/report.ts';
import { failure } from '../../src/failure.ts';

/** The environment that a pipeline's steps run in. */
interface PreparedEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** Removes what was written for it. */
  readonly clear: () => void;
}

/**
 * Finds or fetches the engine, and logs in to Google where the pipeline has an identity for it. Throws an
 * InvalidInputError or a PrerequisiteError, and has written nothing then.
 */
export async function prepareEnvironment(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<PreparedEnvironment> {
  const { command } = await resolveEngine(notesTo(say));
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const clear = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  const files = googleCredentials(env, folder);
  if (files !== undefined && 'problems' in files) {
    clear();
    throw new InvalidInputError(files.problems);
  }
  for (const [name, text] of Object.entries(files ?? {})) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return {
    env: {
      ...env,
      PATH: [dirname(command), env['PATH'] ?? ''].join(delimiter),
      // What Node has compiled once: the steps start a dozen processes of it.
      NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? join(folder, 'compile-cache'),
      ...(files && { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'credentials.json') }),
    },
    clear,
  };
}

/** Files by which Google's libraries log in, by their names; they are for nobody else's eyes. */
type CredentialFiles = Readonly<Record<'credentials.json' | 'token', string>>;

const PROVIDER =
  /^projects\/[0-9]+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/;
const ACCOUNT = /^[\w-]+@[\w.-]+\.iam\.gserviceaccount\.com$/;

/**
 * What a pipeline's identity token gets from Google instead of a key ("external_account", AIP-4117): the
 * rights of a service account, by workload identity federation. `folder` is where the files will be.
 * `undefined` where GOOGLE_WORKLOAD_IDENTITY_PROVIDER is not set: whoever runs this is logged in already.
 */
export function googleCredentials(
  env: NodeJS.ProcessEnv,
  folder: string,
): CredentialFiles | { readonly problems: readonly Problem[] } | undefined {
  const { GOOGLE_WORKLOAD_IDENTITY_PROVIDER: provider = '', GOOGLE_ID_TOKEN: token = '' } = env;
  const { GOOGLE_SERVICE_ACCOUNT: account = '' } = env;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = '' } =
    env;
  if (provider === '') return undefined;
  const problems: Problem[] = [];
  if (!PROVIDER.test(provider)) {
    const problem = 'GOOGLE_WORKLOAD_IDENTITY_PROVIDER is no full name of a provider';
    const remedy =
      'write projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>';
    problems.push(failure('GOOGLE_PROVIDER_INVALID', problem, remedy));
  }
  if (!ACCOUNT.test(account)) {
    const problem = 'GOOGLE_SERVICE_ACCOUNT is no service account';
    const remedy = 'write <name>@<project>.iam.gserviceaccount.com';
    problems.push(failure('GOOGLE_ACCOUNT_INVALID', problem, remedy));
  }
  if (token === '' && (url === '' || bearer === '')) {
    const problem = 'the job has no identity token';
    const remedy = 'give it `id_tokens` on GitLab, or `id-token: write` on GitHub';
    problems.push(failure('GOOGLE_TOKEN_MISSING', problem, remedy));
  }
  if (problems.length > 0) return { problems };
  const audience = `https://iam.googleapis.com/${provider}`;
  const source =
    token === ''
      ? {
          url: `${url}&audience=${encodeURIComponent(audience)}`,
          headers: { Authorization: `Bearer ${bearer}` },
          format: { type: 'json', subject_token_field_name: 'value' },
        }
      : { file: `${folder}/token` };
  const credentials = {
    type: 'external_account',
    audience: `//iam.googleapis.com/${provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
    credential_source: source,
  };
  return { 'credentials.json': `${JSON.stringify(credentials, null, 2)}\n`, token };
}
