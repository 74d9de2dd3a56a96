import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, makeBareProgram, runIn } from './bare-program.ts';
import { inTurns, type Benchmark } from './measure.ts';
import { resourcesOf } from './preview.ts';
import { declareMany, publishAll } from './published-catalog.ts';
import { runEngine, withFixture } from './with-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

/** The first `up` of images that are published already, such as after the loss of a state. */
export const adopt: Benchmark = {
  name: 'adopt',
  what: 'first `up` of images that are published already',
  sizes: [30, 100, 300],
  unit: 'images',
  yardstick: 'as many bare resources in an empty program',
  repeatsItself: true,
  goal: 'what the engine writes',
  run: (images, folder) =>
    withFixture(async (fixture) => {
      const size = { images, platforms: ['linux/amd64'] } as const;
      const ours = await fixture.checkout({ plugIns: 'started' });
      // The registry, which nobody makes twice, and one image.
      declareMany(ours, fixture.base, { ...size, images: 1 });
      await publishAll(fixture, ours, size);
      await fill(ours.root, ours);
      const before = await exportState(ours.root, ours, join(folder, 'ours.json'));
      declareMany(ours, fixture.base, size);
      await publishAll(fixture, ours, size);
      await fill(ours.root, ours);
      const count = resourcesOf(await runEngine(ours, 'stack', 'export'));
      const bare = await fixture.checkout({ plugIns: 'started' });
      const root = await makeBareProgram(count, bare, folder);
      const empty = await exportState(root, bare, join(folder, 'empty.json'));
      const first = async (at: string, checkout: TestCheckout, state: string) => {
        await runIn(at, checkout, ['stack', 'import', '--file', state]);
        return () => runIn(at, checkout, up());
      };
      return inTurns({
        ours: () => first(ours.root, ours, before),
        floor: () => first(root, bare, empty),
      });
    }),
};

/** Writes the state to a file, and returns its path. */
async function exportState(root: string, checkout: TestCheckout, file: string): Promise<string> {
  writeFileSync(file, await runIn(root, checkout, ['stack', 'export']));
  return file;
}
