import { inputError, type InvalidInputError } from '../problem.ts';
import { isSafeAddress } from './note-target.ts';
import type { Environment } from '../environment.ts';

interface Reason {
  readonly code: string;
  readonly sign: RegExp;
  readonly remedy: string;
}

/** Why a push fails, by git's messages; the first match counts. */
const REASONS: readonly Reason[] = [
  {
    code: 'BRANCH_MOVED',
    sign: /fetch first|non-fast-forward|stale info|cannot lock ref/,
    remedy: 'somebody pushed in between: run the refresh again on the newest commit',
  },
  {
    code: 'PUSH_UNAUTHORIZED',
    sign: /could not read (?:Username|Password)|Authentication failed|Permission denied|error: 40[13]/,
    remedy: 'give git credentials that may push, or set IMAGES_PUSH_TOKEN',
  },
  {
    code: 'PUSH_REFUSED',
    sign: /rejected|push options/,
    remedy: 'let this account push there, or change refreshChanges',
  },
];

const UNREACHABLE = {
  code: 'REMOTE_UNREACHABLE',
  remedy: 'check that git reaches the remote, then run this again',
};

/** The problem for an `action` on the remote that failed with `message` of git, without secrets. */
export function explainPush(action: string, message: string): InvalidInputError {
  const { code, remedy } = REASONS.find(({ sign }) => sign.test(message)) ?? UNREACHABLE;
  return inputError(code, `could not ${action}: ${message}`, remedy);
}

/** Variables for git, and the secrets to hide in messages. */
interface PushCredentials {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Variables with values that git or a host might print. */
const SECRET_VARIABLES = ['IMAGES_PUSH_TOKEN', 'GITHUB_TOKEN', 'CI_JOB_TOKEN'];

/**
 * Turns `IMAGES_PUSH_TOKEN` into a header for the addresses of a remote only. Git gets it in its
 * environment ("git-config", GIT_CONFIG_COUNT), since every user of the machine sees arguments. Without the
 * token, git uses its own credentials. Throws an InvalidInputError instead of sending it unencrypted.
 */
export function pushCredentials(
  environment: Environment,
  addresses: readonly string[],
): PushCredentials {
  const known = SECRET_VARIABLES.map((name) => environment[name] ?? '');
  const { IMAGES_PUSH_TOKEN: token = '', GIT_CONFIG_COUNT: count = '0' } = environment;
  if (token === '') return { env: {}, secrets: known };
  if (!addresses.every(isSafeAddress)) throw unsafe();
  // Both hosts accept any user name, except with their own kinds of tokens, which have one.
  const user = token === environment['CI_JOB_TOKEN'] ? 'gitlab-ci-token' : 'x-access-token';
  const basic = Buffer.from(`${user}:${token}`).toString('base64');
  const entries = [...new Set(addresses.map(withoutUser))].flatMap((address) => {
    const key = `http.${address}.extraHeader`;
    // The empty value removes earlier headers, such as that of a checkout's own token.
    return [
      { key, value: '' },
      { key, value: `Authorization: Basic ${basic}` },
    ];
  });
  const first = Number(count);
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(first + entries.length) };
  for (const [at, { key, value }] of entries.entries()) {
    env[`GIT_CONFIG_KEY_${first + at}`] = key;
    env[`GIT_CONFIG_VALUE_${first + at}`] = value;
  }
  return { env, secrets: [...known, basic] };
}

function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}

function unsafe() {
  const problem = 'IMAGES_PUSH_TOKEN is set, and the remote is no https address to send it to';
  const remedy = 'give the remote an https address, or leave the variable out';
  return inputError('PUSH_TOKEN_UNSAFE', problem, remedy);
}
