import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inTurns, type Benchmark, type Result } from './measure.ts';
import { runEngine, withFixture } from './with-fixture.ts';
import type { PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

const IMAGES = 8;

/** Each build takes seconds to make and to push, as packages do, and differs from the last one. */
const buildOf = (mib: number) =>
  DOCKERFILE.replace(
    'COPY content /content',
    `$&\nRUN busybox head -c ${mib * 1024 * 1024} /dev/urandom > /payload`,
  );

const benchmark = (name: string, state: string, isCached: boolean): Benchmark => ({
  name,
  what: `publishing ${IMAGES} images ${state}`,
  // A base with little on top, and about what a node image has.
  sizes: [64, 256],
  unit: 'MiB in each',
  yardstick: '`docker build` and `docker push` in a shell loop, all at once',
  repeatsItself: true,
  goal: 'at most 1.10 ×',
  run: (mib, folder) => withFixture((fixture) => publishing(fixture, { mib, folder, isCached })),
});

export const publish = benchmark('publish', 'that were never built', false);
export const publishCached = benchmark(
  'publish-cached',
  'whose layers are in the build cache',
  true,
);

/** In a stack that has its registry. `isCached` builds all layers before anything is measured. */
async function publishing(
  fixture: PublishingFixture,
  { mib, folder, isCached }: { mib: number; folder: string; isCached: boolean },
): Promise<Result> {
  const names = Array.from({ length: IMAGES }, (_, at) => `image-${at}`);
  const checkout = await fixture.checkout({ plugIns: 'started' });
  checkout.declare(names, fixture.base);
  checkout.commit();
  await runEngine(checkout, ...up());
  const contexts = join(checkout.root, 'config/contexts');
  const loop = shellLoop(checkout, fixture, names);

  const write = (what: string, run: number) => {
    for (const name of names) {
      checkout.write(`config/contexts/${name}/Dockerfile`, buildOf(mib));
      checkout.write(`config/contexts/${name}/content`, `${name}, ${what}, ${run}\n`);
    }
  };
  return inTurns({
    async ours(run) {
      write('ours', run);
      if (isCached) await loop(contexts, 'build');
      return () => runEngine(checkout, ...up());
    },
    async floor(run) {
      write('floor', run);
      const copy = join(folder, String(run));
      cpSync(contexts, copy, { recursive: true });
      if (isCached) await loop(copy, 'build');
      return () => loop(copy, 'build and push');
    },
  });
}

/** The script of somebody without this project. */
function shellLoop(checkout: TestCheckout, fixture: PublishingFixture, names: readonly string[]) {
  const script = `for name in ${names.join(' ')}; do
  ( docker build --quiet --tag "$TO/$name:1" --build-arg "BASE=$BASE" "$FROM/$name" &&
    if [ "$PUSH" ]; then docker push --quiet "$TO/$name:1"; fi ) || echo failed &
done
wait`;
  const { base, gate } = fixture;
  return async (contexts: string, what: 'build' | 'build and push') => {
    const { output } = await checkout.run('sh', ['-c', script], {
      BASE: base,
      TO: `${gate.address}/shell`,
      FROM: contexts,
      PUSH: what === 'build' ? '' : 'yes',
      DOCKER_BUILDKIT: '1',
    });
    if (output.includes('failed')) throw new Error(output);
  };
}
