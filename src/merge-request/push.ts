import { proposalError } from '../failure.ts';
import type { InvalidInputError } from '../problem.ts';
import { isSafeAddress } from './note-target.ts';
import type { Environment } from '../environment.ts';

interface Reason {
  readonly code: string;
  readonly sign: RegExp;
  readonly remedy: string;
}

/** What git says, and what helps; the first that fits. */
const REASONS: readonly Reason[] = [
  {
    code: 'BRANCH_MOVED',
    sign: /fetch first|non-fast-forward|stale info|cannot lock ref/,
    remedy: 'somebody pushed meanwhile: run the refresh again on what is there now',
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
  {
    code: 'REMOTE_UNREACHABLE',
    sign: /(?:)/,
    remedy: 'see that git reaches the remote, then run this again',
  },
];

/** Why a push or a look at the remote failed. `said` is what git said, without secrets. */
export function explainPush(what: string, said: string): InvalidInputError {
  const reason = REASONS.find(({ sign }) => sign.test(said));
  if (reason === undefined) throw new Error('the last one fits everything: this is a bug');
  return proposalError(reason.code, `could not ${what}: ${said}`, reason.remedy);
}

/** What git is told beside its own configuration, as variables of its environment, and what is secret. */
interface PushCredentials {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Variables whose values git or a host might repeat. */
const SECRET_VARIABLES = ['IMAGES_PUSH_TOKEN', 'GITHUB_TOKEN', 'CI_JOB_TOKEN'];

/**
 * Turns `IMAGES_PUSH_TOKEN` into a header for just the addresses of a remote. It goes through the
 * environment ("git-config", GIT_CONFIG_COUNT), since anybody on the machine sees arguments. Without the
 * token git uses what it has. Throws an InvalidInputError when the token would be sent unencrypted.
 */
export function pushCredentials(
  environment: Environment,
  addresses: readonly string[],
): PushCredentials {
  const known = SECRET_VARIABLES.map((name) => environment[name] ?? '');
  const { IMAGES_PUSH_TOKEN: token = '', GIT_CONFIG_COUNT: count = '0' } = environment;
  if (token === '') return { env: {}, secrets: known };
  if (!addresses.every(isSafeAddress)) throw unsafe();
  // Both hosts take any name beside a token but for their own kinds, which have one.
  const user = token === environment['CI_JOB_TOKEN'] ? 'gitlab-ci-token' : 'x-access-token';
  const basic = Buffer.from(`${user}:${token}`).toString('base64');
  const entries = [...new Set(addresses.map(withoutUser))].flatMap((address) => {
    const key = `http.${address}.extraHeader`;
    // An empty one takes back what others have set, such as a checkout's own token.
    return [
      { key, value: '' },
      { key, value: `Authorization: Basic ${basic}` },
    ];
  });
  const first = Number(count);
  const variables = entries.flatMap(({ key, value }, at) => [
    [`GIT_CONFIG_KEY_${first + at}`, key],
    [`GIT_CONFIG_VALUE_${first + at}`, value],
  ]);
  const total = String(first + entries.length);
  return {
    env: { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: total } as Record<string, string>,
    secrets: [...known, basic],
  };
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
  return proposalError('PUSH_TOKEN_UNSAFE', problem, remedy);
}
