import type { Benchmark, Result } from './benchmark.ts';
import { measure } from './measure.ts';
import { withPrerequisites } from './with-fixture.ts';
import { copyCheckout, type CopiedCheckout } from '../support/copied-checkout.ts';

const START = {
  sizes: [3],
  unit: 'images',
  goal: 'as little as its steps need',
} as const;

export const startCold: Benchmark = {
  ...START,
  name: 'start-cold',
  what: '`npm start` in a fresh clone, with the engine there and the bases made',
  repeatsItself: true,
  run: () => withCopy(start),
};

export const startAgain: Benchmark = {
  ...START,
  name: 'start-again',
  what: '`npm start` after `npm stop`',
  repeatsItself: true,
  run: () =>
    withCopy(async (checkout) => {
      await start(checkout);
      await checkout.script('stop');
      return start(checkout);
    }),
};

export const startIdle: Benchmark = {
  ...START,
  name: 'start-idle',
  what: '`npm start` with nothing to do',
  repeatsItself: true,
  run: () =>
    withCopy(async (checkout) => {
      await start(checkout);
      return start(checkout);
    }),
};

function withCopy(run: (checkout: CopiedCheckout) => Promise<Result>): Promise<Result> {
  return withPrerequisites(async (prerequisites) => {
    const checkout = copyCheckout(prerequisites);
    try {
      return await run(checkout);
    } finally {
      await checkout.script('stop');
      checkout.remove();
    }
  });
}

/** A step that went well: its title, what it brought, its seconds. */
const STEP = /^✓ (.{18}) .*\((\d+\.\d) s\)$/gm;

async function start(checkout: CopiedCheckout): Promise<Result> {
  let printed = '';
  const { wall } = await measure(async () => {
    const { code, output } = await checkout.script('start');
    if (code !== 0) throw new Error(output);
    printed = output;
  });
  const steps = [...printed.matchAll(STEP)].map(
    ([, title = '', seconds = '']): [string, number] => [title.trim(), Number(seconds) * 1000],
  );
  return { wall, steps: Object.fromEntries(steps) };
}
