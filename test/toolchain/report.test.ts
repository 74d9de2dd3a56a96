import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportTo, type Progress } from '../../infra/toolchain/report.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** To the line above, which is cleared then. */
const UP_AND_CLEAR = '\u001b[1A\u001b[2K';

/** What a terminal of that many columns shows in the end, once lines were written over. */
function screenOf(columns?: number) {
  let lines = [''];
  return {
    isTTY: columns !== undefined,
    columns,
    write(text: string) {
      for (const line of text
        .split(UP_AND_CLEAR)
        .flatMap((part, at) => (at > 0 ? [UP_AND_CLEAR, part] : [part]))) {
        if (line === UP_AND_CLEAR) lines = [...lines.slice(0, -2), ''];
        else lines = [...lines.slice(0, -1), ...`${lines.at(-1) ?? ''}${line}`.split('\n')];
      }
    },
    lines: () => lines.slice(0, -1),
  };
}

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function compile({ note, at, count }: Progress) {
  note('no download: compiling, some minutes');
  at('compiling');
  await after(61_000);
  count(5, 10, 'packages');
  await after(60_000);
  return { result: 1, summary: 'compiled' };
}

test('a log has a line when a step begins, when a minute has passed and when it ends', async () => {
  const screen = screenOf();
  const report = reportTo(screen);
  const quick = report.step('quick', () => Promise.resolve({ result: 0, summary: 'there' }));
  const long = report.step('engine', compile);
  await vi.advanceTimersByTimeAsync(121_000);
  expect(await Promise.all([quick, long])).toEqual([0, 1]);
  expect(screen.lines()).toEqual([
    '▸ quick              begun',
    '▸ engine             begun',
    '  engine             no download: compiling, some minutes',
    '✓ quick              there (0.0 s)',
    '… engine             1 min, compiling',
    '… engine             2 min, compiling, 5 of 10 packages',
    '✓ engine             compiled (121.0 s)',
  ]);
});

test('a terminal has a line for each step that runs, with its time and a bar, and keeps how they ended', async () => {
  const screen = screenOf(100);
  const report = reportTo(screen);
  const long = report.step('engine', compile);
  const failing = expect(
    report.step('docker', async () => {
      await after(3000);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(2000);
  expect(screen.lines()).toEqual([
    '  engine             no download: compiling, some minutes',
    expect.stringMatching(/^. engine +0:02 compiling$/),
    expect.stringMatching(/^. docker +0:02$/),
  ]);
  await vi.advanceTimersByTimeAsync(68_000);
  await failing;
  expect(screen.lines().slice(1)).toEqual([
    '✗ docker             no (3.0 s)',
    expect.stringMatching(/^. engine +1:10 █{10}░{10} 5 of 10 packages, compiling$/),
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  await long;
  expect(screen.lines().at(-1)).toBe('✓ engine             compiled (121.0 s)');
});

test("a terminal's lines are cut where they would wrap, since a wrapped one can't be redrawn", async () => {
  const screen = screenOf(30);
  const step = reportTo(screen).step('engine', compile);
  await vi.advanceTimersByTimeAsync(1000);
  expect(screen.lines().at(-1)).toHaveLength(29);
  await vi.advanceTimersByTimeAsync(120_000);
  await step;
});
