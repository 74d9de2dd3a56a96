import type { Benchmark } from './benchmark.ts';
import { hash } from './hash.ts';
import { plan } from './plan.ts';
import { preview } from './preview.ts';
import { references } from './references.ts';
import { retention } from './retention.ts';

export const BENCHMARKS: readonly Benchmark[] = [plan, hash, retention, references, preview];
