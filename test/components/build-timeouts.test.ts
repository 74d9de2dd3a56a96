import pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildTimeouts, type BuildTimeouts } from '../../infra/components/build-timeouts.ts';

const SECONDS = 10;
const NEVER = pulumi.output(new Promise<unknown>(() => undefined));

let said: string[];

beforeEach(() => {
  said = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function limited(parallel: number): BuildTimeouts {
  return buildTimeouts({ seconds: SECONDS, parallel, endRun: () => said.push('ended') });
}

/** Something that never settles unless `settled` does. */
function declare(
  limit: BuildTimeouts,
  name: string,
  settled: pulumi.Output<unknown> = NEVER,
): void {
  limit.waitFor(name, settled, (reason) => {
    said.push(`${name}: ${reason.replace(/;.*/, '')}`);
    return Promise.resolve();
  });
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

it('counts the time of a build, not the time until its turn', async () => {
  const limit = limited(1);
  const names = ['one', 'two', 'three'];
  for (const name of names) declare(limit, name);
  for (const end of names.map((name) => limit.begin(name))) {
    await seconds(6);
    end();
  }
  await seconds(SECONDS);
  expect(said).toEqual([]);
});

it('counts nothing of a build that ended before its turn seemed to come', async () => {
  const limit = limited(1);
  for (const name of ['one', 'two']) declare(limit, name);
  const endOne = limit.begin('one');
  limit.begin('two')();
  endOne();
  await seconds(SECONDS);
  expect(said).toEqual([]);
});

it('ends the run once nothing else is left', async () => {
  const limit = limited(2);
  let settle: (value: unknown) => void = () => undefined;
  declare(limit, 'good', pulumi.output(new Promise((resolve) => (settle = resolve))));
  declare(limit, 'hanging');
  limit.begin('hanging');
  await seconds(SECONDS);
  expect(said).toEqual(['hanging: it is not built after 10 s']);
  settle('there');
  await seconds(0);
  expect(said.slice(1)).toEqual(['ended']);
});

it('lets the next build begin where one hangs', async () => {
  const limit = limited(2);
  for (const name of ['hanging', 'next']) declare(limit, name);
  const leave = vi.fn();
  limit.begin('hanging', leave);
  limit.begin('next', leave)();
  await seconds(SECONDS);
  expect(leave).toHaveBeenCalledOnce();
});

it('ends the run, and names who waits, when builds that hang take every place', async () => {
  const limit = limited(2);
  for (const name of ['one', 'two', 'waiting', 'unpointed']) declare(limit, name);
  limit.begin('one');
  await seconds(1);
  limit.begin('two');
  limit.begin('waiting');
  await seconds(SECONDS - 1);
  expect(said).toEqual(['one: it is not built after 10 s']);
  await seconds(1);
  expect(said.slice(1)).toEqual([
    'two: it is not built after 10 s',
    'waiting: it waits for builds that hang: one, two',
    'unpointed: it waits for builds that hang: one, two',
    'ended',
  ]);
});
