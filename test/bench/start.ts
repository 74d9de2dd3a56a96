import { measure, type Benchmark, type Result } from './measure.ts';
import { withPrerequisites } from './with-fixture.ts';
import { copyCheckout, type CopiedCheckout } from '../support/copied-checkout.ts';

/** Runs `work` in a copy of the checkout. */
const benchmark = (
  name: string,
  what: string,
  work: (checkout: CopiedCheckout) => Promise<Result>,
): Benchmark => ({
  name,
  what,
  sizes: [3],
  unit: 'images',
  repeatsItself: true,
  goal: 'as little as its steps need',
  run: () =>
    withPrerequisites(async (prerequisites) => {
      const checkout = copyCheckout(prerequisites);
      try {
        return await work(checkout);
      } finally {
        await checkout.script('stop');
        checkout.remove();
      }
    }),
});

const COLD = '`npm start` in a fresh clone, with the engine there';
export const startCold = benchmark('start-cold', COLD, start);

export const startAgain = benchmark(
  'start-again',
  '`npm start` after `npm stop`',
  async (checkout) => {
    await start(checkout);
    await checkout.script('stop');
    return start(checkout);
  },
);

export const startIdle = benchmark(
  'start-idle',
  '`npm start` with nothing to do',
  async (checkout) => {
    await start(checkout);
    return start(checkout);
  },
);

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
