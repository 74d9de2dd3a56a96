import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Benchmark, Result } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';

/** Each is measured so often; what is told is the run in the middle. */
const RUNS = 3;

// `npm run bench -- [--json] [name ...]`: prints figures and asserts nothing about them.
const options = { json: { type: 'boolean', default: false } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const unknown = positionals.filter((name) => !BENCHMARKS.some((one) => one.name === name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${namesOf(BENCHMARKS)}`);
  process.exit(2);
}
const chosen = BENCHMARKS.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);
const rows = chosen.flatMap((benchmark) =>
  benchmark.sizes.map((size) => ({ benchmark, size, result: middleOf(benchmark, size) })),
);
if (values.json) {
  const all = rows.map(({ benchmark: { name, unit, goal }, size, result }) => {
    return { name, size, unit, goal, ...result };
  });
  console.log(JSON.stringify(all, null, 2));
} else {
  console.log(tableOf(rows));
}

function middleOf({ name, repeatsItself }: Benchmark, size: number): Result {
  const runs = Array.from({ length: repeatsItself === true ? 1 : RUNS }, () => {
    const args = [join(import.meta.dirname, 'run-one.ts'), name, String(size)];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Result;
  });
  const middle = runs.toSorted((a, b) => a.wall - b.wall)[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new Error('there is no run');
  return middle;
}

function tableOf(
  all: readonly { readonly benchmark: Benchmark; readonly size: number; readonly result: Result }[],
): string {
  const table = new Table({
    head: ['what', 'size', 'seconds', 'CPU', 'peak MiB', 'speed', 'to reach'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [36, 16, 9, 7, 10, 24, 34],
  });
  for (const { benchmark, size, result } of all) {
    const { what, unit, yardstick, goal } = benchmark;
    const { wall, cpu, peak } = result;
    const speed =
      result.yardstick === undefined
        ? ''
        : `${(result.yardstick / wall).toFixed(2)} × ${yardstick ?? ''}`;
    const figures = [seconds(wall), cpu === undefined ? '' : seconds(cpu), peak?.toFixed(0) ?? ''];
    table.push([what, `${size} ${unit}`, ...figures, speed, goal]);
    for (const [title, milliseconds] of Object.entries(result.steps ?? {})) {
      // The others have taken no time that the report tells.
      if (milliseconds > 0) table.push([`  ${title}`, '', seconds(milliseconds), '', '', '', '']);
    }
  }
  return table.toString();
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}

function namesOf(benchmarks: readonly Benchmark[]): string {
  return benchmarks.map(({ name }) => name).join(', ');
}
