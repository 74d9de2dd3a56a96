import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Prerequisites } from '../engine/global-setup.ts';
import { dockerCli } from '../support/docker-cli.ts';
import { startDockerDaemon } from '../support/docker-daemon.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up } from '../support/test-checkout.ts';
import { measure, type Benchmark, type Result } from './measure.ts';
import { declareDisks, DISKS, makeDisks, serveDisks } from './served-disks.ts';
import { runEngine, withPrerequisites } from './with-fixture.ts';

const POLL_MS = 500;

const execute = promisify(execFile);

export const publishDisks: Benchmark = {
  name: 'publish-disks',
  what: `publishing ${DISKS} VM disks that are downloaded first`,
  sizes: [1024],
  unit: 'MiB in each',
  yardstick: '`curl`, `sha256sum`, `docker build` and `docker push` in a shell loop, all at once',
  // Once: it moves 50 GB, and has 35 GB at a time.
  repeatsItself: true,
  goal: 'at most 1.10 ×',
  run: (mib, folder) =>
    withPrerequisites((prerequisites) => publishing(prerequisites, mib, folder)),
};

async function publishing(
  prerequisites: Prerequisites,
  mib: number,
  folder: string,
): Promise<Result> {
  const { file, sums } = await makeDisks(folder, mib);
  const server = await serveDisks(file);
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  try {
    const ours = await onNewEngine(prerequisites, folder, async (fixture, measured) => {
      const checkout = await fixture.checkout({ plugIns: 'started' });
      checkout.declare(['alpha'], fixture.base);
      checkout.commit();
      // A stack that has its registry.
      await runEngine(checkout, ...up());
      declareDisks(checkout, server.address, sums);
      return measured(() => runEngine(checkout, ...up()));
    });
    rmSync(join(folder, 'cache'), { recursive: true, force: true });
    const byHand = await onNewEngine(prerequisites, folder, (fixture, measured) => {
      const env = { SUMS: sums.join(' '), FROM: server.address, TO: fixture.gate.address };
      return measured(() => shell(HAND, { ...env, FOLDER: join(folder, 'hand') }));
    });
    rmSync(join(folder, 'hand'), { recursive: true, force: true });
    const copying = () => shell(BARE, { FILE: file, FOLDER: join(folder, 'bare') });
    const bare = await withPeak(folder, [], copying);
    const steps = {
      [`ours: ${ours.peak}`]: ours.wall,
      [`by hand: ${byHand.peak}`]: byHand.wall,
      [`sha256sum and cp: ${bare.peak}`]: bare.wall,
    };
    return { wall: ours.wall, yardstick: byHand.wall, steps };
  } finally {
    await server.close();
  }
}

type Measured = (work: () => Promise<unknown>) => ReturnType<typeof withPeak>;

/** Runs on an engine that has nothing and is removed with all that it built, as root; no other engine gets the disks. */
async function onNewEngine<Outcome>(
  prerequisites: Prerequisites,
  folder: string,
  run: (fixture: PublishingFixture, measured: Measured) => Promise<Outcome>,
): Promise<Outcome> {
  const root = join(folder, 'docker');
  const { DOCKER_HOST: host } = process.env;
  const daemon = await startDockerDaemon({ folder: root, number: 20 });
  process.env['DOCKER_HOST'] = daemon.socket;
  try {
    const docker = { ...prerequisites.docker, host: daemon.socket };
    const fixture = await startPublishingFixture({ ...prerequisites, docker, isOwnDocker: true });
    try {
      return await run(fixture, (work) => withPeak(folder, [root], work));
    } finally {
      await fixture.close();
    }
  } finally {
    process.env['DOCKER_HOST'] = host;
    await daemon.remove();
  }
}

/** By somebody without this project. */
const HAND = `number=0
for sum in $SUMS; do
  number=$((number + 1))
  (
    mkdir -p "$FOLDER/$number" && cd "$FOLDER/$number" &&
    curl -sSfo disk.qcow2 "http://$FROM/debian-$number.qcow2" &&
    echo "$sum  disk.qcow2" | sha256sum --check --quiet &&
    printf 'FROM scratch\\nCOPY --chown=107:107 disk.qcow2 /disk/\\n' > Dockerfile &&
    "$DOCKER" build --quiet --tag "$TO/hand/$number:1" . &&
    "$DOCKER" push --quiet "$TO/hand/$number:1"
  ) || echo failed &
done
wait`;

const BARE = `mkdir -p "$FOLDER"
for number in $(seq ${DISKS}); do
  sha256sum "$FILE" > "$FOLDER/$number.sum" && cp --reflink=never "$FILE" "$FOLDER/$number" || echo failed
done`;

async function shell(script: string, env: NodeJS.ProcessEnv): Promise<void> {
  const all = { ...process.env, ...env, DOCKER_BUILDKIT: '1', DOCKER: dockerCli() };
  const { stdout, stderr } = await execute('sh', ['-c', script], { env: all });
  if (stdout.includes('failed')) throw new Error(stdout + stderr);
}

/** Measures the time of some work, and what a folder and the engine in it had at most, beyond what they had before. */
async function withPeak(folder: string, engine: readonly string[], work: () => Promise<unknown>) {
  const look = async () => {
    const docker = await sizeOf(engine);
    return { docker, files: (await sizeOf([folder])) - docker };
  };
  const before = await look();
  let most = before;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const now = await look();
      if (now.files + now.docker > most.files + most.docker) most = now;
      await setTimeout(POLL_MS);
    }
  })();
  const { wall } = await measure(work).finally(() => {
    over.abort();
  });
  await watching;
  const [files, docker] = [most.files - before.files, most.docker - before.docker].map(
    (mib) => `${(mib / 1024).toFixed(1)} GiB`,
  );
  return { wall, peak: `at most ${files} in files and ${docker} in Docker` };
}

/** MiB; files come and go meanwhile. */
async function sizeOf(folders: readonly string[]): Promise<number> {
  const args = ['-c', 'du -sxm --exclude=merged "$@" 2>/dev/null || true', 'du', ...folders];
  if (folders.length === 0) return 0;
  return Number((await execute('sh', args)).stdout.split('\t')[0] ?? 0);
}
