import { isRateLimit } from './retry.ts';

/** What to do about some of the responses that refuse a request. */
export interface ResponseRemedy {
  /** Matches the status; a rate limit counts as 429, whatever its status is. */
  readonly status: RegExp;
  /** Matches what the server says; absent: whatever it says. */
  readonly says?: RegExp;
  readonly remedy: string;
}

/** The first remedy that fits a response in which the server says `text`; `undefined` without one. */
export function responseRemedy(
  remedies: readonly ResponseRemedy[],
  response: {
    readonly status: number;
    readonly headers?: Pick<Headers, 'get'>;
    readonly bytes?: Uint8Array;
  },
  text = '',
): string | undefined {
  const isLimit = isRateLimit({ headers: new Headers(), ...response });
  const status = String(isLimit ? 429 : response.status);
  const fits = (row: ResponseRemedy) => row.status.test(status) && (row.says?.test(text) ?? true);
  return remedies.find(fits)?.remedy;
}
