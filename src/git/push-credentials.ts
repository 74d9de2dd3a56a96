import { gitRemedy } from './git-remedies.ts';
import { DEEPEN } from './run-git.ts';
import type { Environment } from '../environment.ts';
import { inputError, type InvalidInputError } from '../problem.ts';
import { redact } from '../redact.ts';
import { basicAuthorization, isSecureAddress, withoutAccount } from '../url.ts';

const GIVE_CREDENTIALS = 'give git credentials that may push, or set IMAGES_PUSH_TOKEN';

interface Reason {
  readonly code: string;
  readonly sign: RegExp;
  /** Absent: see git-remedies.ts. */
  readonly remedy?: string;
}

/** Why a push fails, by git's messages; the first match counts. */
const REASONS: readonly Reason[] = [
  {
    code: 'BRANCH_MOVED',
    sign: /fetch first|non-fast-forward|stale info|cannot lock ref/,
    remedy: 'somebody pushed in between: run the refresh again on the newest commit',
  },
  { code: 'PUSH_UNAUTHORIZED', sign: /^remote: .*(?:SAML SSO|archived|IP allow list)/m },
  {
    code: 'PUSH_UNAUTHORIZED',
    sign: /could not read (?:Username|Password)|Authentication failed|Permission denied[ ,]|error: 40[13]/,
    remedy: GIVE_CREDENTIALS,
  },
  {
    code: 'PUSH_REFUSED',
    sign: /does not support push options/,
    remedy: 'let the host take push options, as GitLab does, or write refreshChanges: commit',
  },
  { code: 'PUSH_REFUSED', sign: /shallow update not allowed/, remedy: DEEPEN },
  {
    code: 'PUSH_REFUSED',
    sign: /rejected.*\(unpacker error\)|No space left on device|Disk quota exceeded/,
    remedy: 'the host could not store the commit: have its operator look at its disk',
  },
  {
    code: 'PUSH_REFUSED',
    sign: /exceed\w* (?:its|the|GitHub's|your) .*(?:limit|quota)/,
    remedy: 'make room in the repository, or have the operator of the host raise its limit',
  },
  {
    code: 'PUSH_REFUSED',
    sign: /rejected\].*\((?:failure|internal server error)\)/,
    remedy: 'the host has an error of its own: try again later',
  },
  {
    code: 'PUSH_REFUSED',
    sign: /must be signed|verified signatures|does not follow the pattern|not a member of team/,
    remedy: 'let the host free this account of the rule that it names',
  },
  {
    code: 'PUSH_REFUSED',
    sign: /rejected/,
    remedy: 'let this account push there, or change refreshChanges',
  },
];

/** The problem for an `action` on the remote that failed with this output of git, which is shown without `secrets`. */
export function explainPush(
  action: string,
  output: string,
  secrets: readonly string[],
  environment: Environment = {},
): InvalidInputError {
  const { code, remedy = gitRemedy(output) } = REASONS.find(({ sign }) => sign.test(output)) ?? {
    code: 'REMOTE_UNREACHABLE',
  };
  const ofToken = 'give IMAGES_PUSH_TOKEN the right to push there, or renew it';
  const isOfToken = remedy === GIVE_CREDENTIALS && (environment['IMAGES_PUSH_TOKEN'] ?? '') !== '';
  const best = isOfToken
    ? ofToken
    : (remedy ?? 'check that git reaches the remote, then run this again');
  return inputError(code, `could not ${action}: ${redact(output, secrets)}`, best);
}

/** Variables with values that git or a host might print. */
const SECRET_VARIABLES = ['IMAGES_PUSH_TOKEN', 'GITHUB_TOKEN', 'CI_JOB_TOKEN'];

/**
 * Variables that make git send `IMAGES_PUSH_TOKEN` as a header to the addresses of a remote only ("git-config",
 * GIT_CONFIG_COUNT), since every user of the machine sees arguments, and the secrets to hide in messages.
 * Without the token, git uses its own credentials. Throws an InvalidInputError for an address that is not
 * encrypted.
 */
export function pushCredentials(
  environment: Environment,
  addresses: readonly string[],
): { readonly env: Readonly<Record<string, string>>; readonly secrets: readonly string[] } {
  const known = SECRET_VARIABLES.map((name) => environment[name] ?? '');
  const { IMAGES_PUSH_TOKEN: token = '', GIT_CONFIG_COUNT: count = '0' } = environment;
  if (token === '') return { env: {}, secrets: known };
  if (!addresses.every(isSecureAddress)) {
    const problem = 'IMAGES_PUSH_TOKEN is set, and the remote is no https address to send it to';
    const remedy = 'give the remote an https address, or leave the variable out';
    throw inputError('PUSH_TOKEN_UNSAFE', problem, remedy);
  }
  // Both hosts accept any user name, except with their own kinds of tokens, which have one.
  const user = token === environment['CI_JOB_TOKEN'] ? 'gitlab-ci-token' : 'x-access-token';
  const basic = basicAuthorization(user, token);
  const env: Record<string, string> = {};
  let at = Number(count);
  for (const address of new Set(addresses.map((each) => withoutAccount(each).href))) {
    // The empty value removes earlier headers, such as that of a checkout's own token.
    for (const value of ['', `Authorization: ${basic}`]) {
      env[`GIT_CONFIG_KEY_${at}`] = `http.${address}.extraHeader`;
      env[`GIT_CONFIG_VALUE_${at}`] = value;
      at += 1;
    }
  }
  env['GIT_CONFIG_COUNT'] = String(at);
  return { env, secrets: [...known, basic.slice('Basic '.length)] };
}
