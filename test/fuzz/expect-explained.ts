import { expect } from 'vitest';
import { SEED, share } from '../support/long-haul.ts';
import { mutated, mutatedJson, randomOf } from './mutations.ts';
import { CodedError, InvalidInputError } from '../../src/problem.ts';

const INPUTS = share(10_000);
/** Milliseconds for one input: a thousand times what it takes. */
const LONGEST = 20_000;
/** More than there was at the start, in bytes. */
const MOST_MEMORY = 1024 ** 3;

/** Whether an error is one for people to read. */
function isExplained(error: unknown): boolean {
  return error instanceof InvalidInputError || error instanceof CodedError;
}

/**
 * Breaks a text in 10,000 ways (1,000 in `npm test`), JSON every other time so that it still is JSON. Expects
 * of each a value or an explained error, soon, and in little memory.
 */
export async function expectExplained(
  text: string,
  parse: (text: string, seed: number) => Promise<unknown>,
): Promise<void> {
  const before = process.memoryUsage.rss();
  const isJson = /^[[{]/.test(text);
  for (let seed = SEED; seed < SEED + INPUTS; seed += 1) {
    const random = randomOf(seed);
    const input = isJson && seed % 2 === 1 ? mutatedJson(text, random) : mutated(text, random);
    const begun = performance.now();
    try {
      await inTime(parse(input, seed));
    } catch (error) {
      if (!isExplained(error))
        throw new Error(`seed ${seed}: ${JSON.stringify(input).slice(0, 500)}`, { cause: error });
    }
    expect(performance.now() - begun, `seed ${seed}`).toBeLessThan(LONGEST);
    if (seed % 100 === 0) {
      const more = process.memoryUsage.rss() - before;
      expect(more, `seed ${seed}`).toBeLessThan(MOST_MEMORY);
    }
  }
}

/** What never ends is an error, too. */
async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new TypeError('it hangs'));
    }, LONGEST);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
