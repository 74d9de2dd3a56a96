import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark, Result } from './benchmark.ts';
import { inTurns } from './in-turns.ts';
import { withFixture } from './with-fixture.ts';
import type { PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

const IMAGES = 8;

/** What is built takes seconds to make and to push, as packages do, and is not the same twice. */
const buildOf = (mib: number) =>
  DOCKERFILE.replace(
    'COPY content /content',
    `$&\nRUN busybox head -c ${mib * 1024 * 1024} /dev/urandom > /payload`,
  );

const yardstick = '`docker build` and `docker push` in a shell loop, all at once';

export const publish: Benchmark = {
  name: 'publish',
  what: `publishing ${IMAGES} images that were never built`,
  // A base with little on top, and about what a node image has.
  sizes: [64, 256],
  unit: 'MiB in each',
  yardstick,
  repeatsItself: true,
  goal: '0.91 ×',
  run: (mib, folder) => withFixture((fixture) => publishing(fixture, { mib, folder })),
};

export const publishCached: Benchmark = {
  ...publish,
  name: 'publish-cached',
  what: `publishing ${IMAGES} images whose layers are in the build cache`,
  run: (mib, folder) =>
    withFixture((fixture) => publishing(fixture, { mib, folder, isCached: true })),
};

interface Conditions {
  /** Of what is built into each image. */
  readonly mib: number;
  readonly folder: string;
  /** Builds each before anything is measured. */
  readonly isCached?: boolean;
}

/** In a stack that has its registry, as on any day but the first. */
async function publishing(
  fixture: PublishingFixture,
  { mib, folder, isCached = false }: Conditions,
): Promise<Result> {
  const names = Array.from({ length: IMAGES }, (_, at) => `image-${at}`);
  const checkout = await fixture.checkout({ plugIns: 'started' });
  checkout.declare(names, fixture.base);
  checkout.commit();
  await publishAll(checkout);
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
      return () => publishAll(checkout);
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

async function publishAll(checkout: TestCheckout): Promise<void> {
  const { code, output } = await checkout.pulumi(...up());
  if (code !== 0) throw new Error(output);
}

/** What somebody without this project would write. */
function shellLoop(checkout: TestCheckout, fixture: PublishingFixture, names: readonly string[]) {
  const script = `for name in ${names.join(' ')}; do
  ( docker build --quiet --tag "$TO/$name:1" --build-arg "BASE=$BASE" "$FROM/$name" &&
    if [ "$PUSH" ]; then docker push --quiet "$TO/$name:1"; fi ) || echo failed &
done
wait`;
  const { base, gate } = fixture;
  return async (contexts: string, what: 'build' | 'build and push') => {
    const { output } = await checkout.run('sh', ['-c', script], {
      ...{ BASE: base, TO: `${gate.address}/shell`, FROM: contexts },
      ...{ PUSH: what === 'build' ? '' : 'yes', DOCKER_BUILDKIT: '1' },
    });
    if (output.includes('failed')) throw new Error(output);
  };
}
