import { proposalError } from '../failure.ts';
import type { InvalidInputError } from '../problem.ts';

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
