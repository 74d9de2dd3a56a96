import { measure, type Benchmark } from './measure.ts';
import { withFixture } from './with-fixture.ts';
import { provideTrigger, TRIGGER, WRITER } from '../support/declared-registry.ts';
import { up } from '../support/test-checkout.ts';

/**
 * The first `up` of a stack with all parts, against the emulator, which takes no time: what it shows is how long
 * the gcp plug-in waits until all of Google must know of a change.
 */
export const firstUp: Benchmark = {
  name: 'first-up',
  what: 'first `up` with readers, writers, schedule and identity',
  sizes: [1],
  unit: 'image',
  repeatsItself: true,
  goal: 'as little as the gcp plug-in needs',
  run: () =>
    withFixture(async (fixture) => {
      const checkout = await fixture.checkout({ plugIns: 'started' });
      await provideTrigger(fixture.emulator, TRIGGER);
      checkout.configure({
        readers: ['allUsers'],
        writers: [WRITER],
        refreshTrigger: TRIGGER,
        gitlabProject: '1/2',
      });
      checkout.declare(['one'], fixture.base);
      checkout.commit();
      let printed = '';
      const { wall } = await measure(async () => {
        const { code, output } = await checkout.pulumi(...up());
        if (code !== 0) throw new Error(output);
        printed = output;
      });
      return { wall, steps: slowestOf(printed) };
    }),
};

/** As the engine shows that a resource of Google's is there: its type, and its seconds. */
const CREATED = /^ \+ +gcp:(\S+) \S+ created \((\d+(?:\.\d+)?)s\)/gm;

/** Type → milliseconds of the one that took longest. */
function slowestOf(output: string): Readonly<Record<string, number>> {
  const slowest: Record<string, number> = {};
  for (const [, type = '', seconds = ''] of output.matchAll(CREATED)) {
    slowest[type] = Math.max(slowest[type] ?? 0, Number(seconds) * 1000);
  }
  return slowest;
}
