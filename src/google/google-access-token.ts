import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Environment } from '../environment.ts';
import { failureCause } from '../http/failure-causes.ts';
import { messageOf } from '../problem.ts';
import { RegistryError } from '../registry/registry-error.ts';

/** The sources of an access token, in this order. */
interface TokenSources {
  readonly setting: string | undefined;
  readonly environment: Environment;
  readonly askLibrary?: () => Promise<string | undefined>;
  readonly askGcloud?: () => string | undefined;
}

/** The user name with which Artifact Registry takes an access token ("Authentication for Docker"). */
export const TOKEN_USER = 'oauth2accesstoken';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** The message of Google's library when nobody is logged in, rather than when a login is refused. */
const NOBODY = 'Could not load the default credentials';

/**
 * An access token for Google: the stack's `gcp:accessToken`, else `GOOGLE_OAUTH_ACCESS_TOKEN`, as for the
 * gcp plug-in, else that of the application default credentials (a pipeline's identity among them), else
 * that of `gcloud`. Throws `REGISTRY_UNAUTHORIZED` without any, and when Google refuses a login.
 */
export async function googleAccessToken({
  setting,
  environment,
  askLibrary = tokenOfLibrary,
  askGcloud = () => gcloud('auth', 'print-access-token'),
}: TokenSources): Promise<string> {
  const given = [setting, environment['GOOGLE_OAUTH_ACCESS_TOKEN']].find(Boolean);
  if (given !== undefined) return given;
  expectFileOf(environment);
  const token = (await askLibrary()) ?? askGcloud();
  if (token) return token;
  throw unauthorized(
    'there is no Google access token to read the registry with',
    'log in with `gcloud auth application-default login`, set GOOGLE_OAUTH_ACCESS_TOKEN, or give the pipeline an identity',
  );
}

/** The library quotes a path that it can't find. People put the key itself there, which must not be in a log. */
function expectFileOf(environment: Environment): void {
  const names = ['GOOGLE_APPLICATION_CREDENTIALS', 'google_application_credentials'];
  const name = names.find((one) => environment[one]);
  if (name === undefined || existsSync(environment[name] ?? '')) return;
  throw unauthorized(
    `${name} names no file that is there (its value is not shown here, since it may be a key)`,
    'write the path of a credentials file into it, or unset it',
  );
}

/** Loads the library when it is needed: most runs of the command send Google no request. */
async function tokenOfLibrary(): Promise<string | undefined> {
  const { GoogleAuth } = await import('google-auth-library');
  try {
    // No project is needed here. Without one, the library would request it from Google first.
    const token = await new GoogleAuth({ scopes: SCOPE, projectId: '-' }).getAccessToken();
    return token ?? undefined;
  } catch (error) {
    const message = messageOf(error);
    if (message.includes(NOBODY)) return undefined;
    throw unauthorized(
      `Google gives no access token for the login that there is: ${message}`,
      loginRemedy(message),
    );
  }
}

/**
 * What to do about a login that Google refuses, the trust conditions of `src/settings/pipeline-identity.ts` among
 * them; the first match counts.
 */
const LOGIN_REMEDIES: readonly { readonly sign: RegExp; readonly remedy: string }[] = [
  {
    sign: /rejected by the attribute condition/,
    remedy:
      'Google does not trust this pipeline: `npm run -s images -- doctor` finds settings of the host that keep it from that, such as a branch without protection or a GitLab before 18.4; infra/pipeline/README.md has the conditions',
  },
  {
    sign: /gives no identity token/,
    remedy: 'let the job have `id-token: write`, and run it again',
  },
  {
    sign: /credential's issuer/,
    remedy:
      'Google cannot read the public keys of the host: give it those of a host behind a firewall by the setting gitlabKeys or githubKeys',
  },
  {
    sign: /ID Token .*(?:stale|expired)|identity token .*expired/i,
    remedy: 'the identity token of the job has ended: run the job again',
  },
  {
    sign: /reasonable timeframe|issued in the future|used too early/i,
    remedy: "check this machine's clock",
  },
  {
    sign: /audience/i,
    remedy:
      "make the provider that the stack's output `identity` names the value of GOOGLE_WORKLOAD_IDENTITY_PROVIDER, and the audience of the job's token",
  },
  {
    sign: /^invalid_grant$|expired or revoked|invalid_rapt|reauth related/,
    remedy: 'the login has ended: log in anew with `gcloud auth application-default login`',
  },
  {
    sign: /getAccessToken' denied|serviceAccounts\.getAccessToken/,
    remedy:
      'grant whoever is logged in roles/iam.serviceAccountTokenCreator on the account, or, to a pipeline, roles/iam.workloadIdentityUser',
  },
  {
    sign: /ECONNRESET|socket hang up|Premature close|network timeout/,
    remedy: 'the connection to Google broke off: run this again',
  },
];

/** The remedy for a login that Google refuses with this message. */
export function loginRemedy(message: string): string {
  const found = LOGIN_REMEDIES.find(({ sign }) => sign.test(message));
  return (
    found?.remedy ??
    failureCause('', message)?.remedy ??
    'check what GOOGLE_APPLICATION_CREDENTIALS names, or set GOOGLE_OAUTH_ACCESS_TOKEN; in a pipeline, check the provider and the account that its variables name'
  );
}

/** What a command of `gcloud` prints; `undefined` where it fails. */
export function gcloud(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('gcloud', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  return status === 0 ? stdout.trim() : undefined;
}

function unauthorized(problem: string, remedy: string): RegistryError {
  return new RegistryError('REGISTRY_UNAUTHORIZED', problem, remedy);
}
