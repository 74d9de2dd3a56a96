import { z } from 'zod';
import { fill, makeBareProgram, runIn } from './bare-program.ts';
import { inTurns, type Benchmark } from './measure.ts';
import { declareMany, publishAll, type CatalogSize } from './published-catalog.ts';
import { runEngine, withFixture } from './with-fixture.ts';

const PREVIEW = ['preview', '--non-interactive', '--expect-no-changes'];

/** A preview of the real program with nothing to change, against a program that does nothing. */
const benchmark = (
  name: string,
  what: string,
  sizes: readonly number[],
  platforms: CatalogSize['platforms'],
  goal: string,
): Benchmark => ({
  name,
  what,
  sizes,
  unit: 'images',
  yardstick: 'as many bare resources in an empty program',
  repeatsItself: true,
  goal,
  run: (images, folder) =>
    withFixture(async (fixture) => {
      const ours = await fixture.checkout({ plugIns: 'started' });
      declareMany(ours, fixture.base, { images, platforms });
      await publishAll(fixture, ours, { images, platforms });
      await fill(ours.root, ours);
      const count = resourcesOf(await runEngine(ours, 'stack', 'export'));
      const bare = await fixture.checkout({ plugIns: 'started' });
      const root = await makeBareProgram(count, bare, folder);
      await fill(root, bare);
      return inTurns({
        ours: () => Promise.resolve(() => runIn(ours.root, ours, PREVIEW)),
        floor: () => Promise.resolve(() => runIn(root, bare, PREVIEW)),
      });
    }),
});

export const preview = benchmark(
  'preview',
  'preview with nothing to change',
  [27, 100, 300],
  ['linux/amd64'],
  'at most 1.25 × for 27, 1.15 × for 300',
);

export const previewPlatforms = benchmark(
  'preview-platforms',
  'preview with nothing to change, images of two platforms',
  [300],
  ['linux/amd64', 'linux/arm64'],
  'at most 1.3 ×',
);

const Exported = z.object({ deployment: z.object({ resources: z.array(z.unknown()) }) });

/** How many resources a state has. */
export function resourcesOf(state: string): number {
  return Exported.parse(JSON.parse(state)).deployment.resources.length;
}
