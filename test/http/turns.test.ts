import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { turns } from '../../src/http/turns.ts';

test('no more than so many go on at a time, and all are done in order', async () => {
  const takeTurn = turns(2);
  const begun: number[] = [];
  let going = 0;
  const most: number[] = [];
  const work = (number: number) => async () => {
    begun.push(number);
    most.push((going += 1));
    await nextTurn();
    going -= 1;
    return number * 10;
  };
  const results = [1, 2, 3, 4, 5].map((number) => takeTurn(work(number)));
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50]);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
  expect(Math.max(...most)).toBe(2);
});

test('one that fails gives its turn to the next', async () => {
  const takeTurn = turns(1);
  const failing = takeTurn(() => Promise.reject(new Error('no')));
  const next = takeTurn(() => Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});

test('one that comes while a turn is handed on does not slip in', async () => {
  const takeTurn = turns(1);
  let going = 0;
  const work = async () => {
    expect((going += 1)).toBe(1);
    await nextTurn();
    going -= 1;
  };
  const first = takeTurn(work).then(() => takeTurn(work));
  await Promise.all([first, takeTurn(work), takeTurn(work)]);
});
