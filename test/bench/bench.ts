import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { adopt } from './adopt.ts';
import { firstUp } from './first-up.ts';
import { page } from './page.ts';
import { middleOf, RUNS, type Benchmark, type Result } from './measure.ts';
import { preview, previewPlatforms } from './preview.ts';
import { publishDisks } from './publish-disks.ts';
import { publish, publishCached } from './publish.ts';
import { hash, plan, references, retention } from './src-benchmarks.ts';
import { startAgain, startCold, startIdle } from './start.ts';

// `npm run bench -- [--json] [name ...]`: prints figures and asserts nothing about them.

const BENCHMARKS: readonly Benchmark[] = [
  plan,
  hash,
  retention,
  references,
  page,
  preview,
  previewPlatforms,
  adopt,
  firstUp,
  publish,
  publishCached,
  publishDisks,
  startCold,
  startAgain,
  startIdle,
];

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, size: { type: 'string' } },
  allowPositionals: true,
});
const names = BENCHMARKS.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exit(2);
}
const chosen = BENCHMARKS.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);

if (values.size === undefined) {
  const rows = chosen.flatMap((benchmark) =>
    benchmark.sizes.map((size) => ({ benchmark, size, result: runsOf(benchmark, size) })),
  );
  const all = rows.map(({ benchmark: { name, unit, goal }, size, result }) => {
    return { name, size, unit, goal, ...result };
  });
  const plugIns = new Set(all.flatMap((row) => row.plugIns ?? []));
  if (values.json) console.log(JSON.stringify(all, null, 2));
  else console.log([tableOf(rows), ...[...plugIns].map((used) => `plug-ins: ${used}`)].join('\n'));
} else {
  // One run in a process of its own, so that its memory is its own, too.
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    for (const benchmark of chosen) {
      console.log(JSON.stringify(await benchmark.run(Number(values.size), folder)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runsOf({ name, repeatsItself }: Benchmark, size: number): Result {
  const runs = Array.from({ length: repeatsItself === true ? 1 : RUNS }, () => {
    const args = [import.meta.filename, name, '--size', String(size)];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Result;
  });
  return middleOf(runs, ({ wall }) => wall);
}

function tableOf(
  rows: readonly {
    readonly benchmark: Benchmark;
    readonly size: number;
    readonly result: Result;
  }[],
): string {
  const table = new Table({
    head: ['what', 'size', 'seconds', 'CPU', 'peak MiB', 'compared with', 'to reach'],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [36, 16, 9, 7, 10, 24, 34],
  });
  for (const { benchmark, size, result } of rows) {
    const { what, unit, yardstick = '', goal } = benchmark;
    const { wall, cpu, peak } = result;
    const other = result.yardstick;
    const compared =
      other === undefined
        ? ''
        : `${(wall / other).toFixed(2)} × the ${seconds(other)} s of ${yardstick}`;
    const figures = [seconds(wall), cpu === undefined ? '' : seconds(cpu), peak?.toFixed(0) ?? ''];
    table.push([what, `${size} ${unit}`, ...figures, compared, goal]);
    for (const [title, milliseconds] of Object.entries(result.steps ?? {})) {
      // The report of `npm start` shows no time for the other steps.
      if (milliseconds > 0) table.push([`  ${title}`, '', seconds(milliseconds), '', '', '', '']);
    }
  }
  return table.toString();
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}
