import { hasCode } from './google-error.ts';

/** An answer; `undefined` where Google says that what was asked about is not there (404). */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasCode(error, 404)) return undefined;
    throw error;
  }
}
