import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCHMARKS } from './benchmarks.ts';

// `node run-one.ts <name> <size>`: a process of its own for each, so that memory is its own, too.
const [name, size] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((one) => one.name === name);
if (benchmark === undefined) throw new Error(`there is no benchmark ${name ?? ''}`);
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  console.log(JSON.stringify(await benchmark.run(Number(size), folder)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
