import { expect, test } from 'vitest';
import { forEachLimited } from '../../infra/sandbox/base-images.ts';

test('a concurrency limit of two: all work is done, never three at once', async () => {
  let running = 0;
  const seen: number[] = [];
  await forEachLimited(2, [1, 2, 3, 4, 5], async (item) => {
    expect(++running).toBeLessThanOrEqual(2);
    await Promise.resolve();
    seen.push(item);
    running--;
  });
  expect(seen.sort()).toEqual([1, 2, 3, 4, 5]);
});

test('after a failure no work begins, and running work is awaited', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failing = forEachLimited(2, [1, 2, 3, 4], async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 1) throw new Error('one failed');
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended.push(item);
  });
  await expect(failing).rejects.toThrow('one failed');
  expect(begun).toEqual([1, 2]);
  expect(ended).toEqual([2]);
});
