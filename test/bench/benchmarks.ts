import type { Benchmark } from './benchmark.ts';
import { hash } from './hash.ts';
import { plan } from './plan.ts';
import { preview } from './preview.ts';
import { publish, publishCached } from './publish.ts';
import { references } from './references.ts';
import { retention } from './retention.ts';
import { startAgain, startCold, startIdle } from './start.ts';

export const BENCHMARKS: readonly Benchmark[] = [
  ...[plan, hash, retention, references],
  ...[preview, publish, publishCached],
  ...[startCold, startAgain, startIdle],
];
