import { spawnSync } from 'node:child_process';
import { runGate, SOURCE_STEPS } from './gate.ts';

// `npm test`: the source checks, then every test in one run, so that the closing lines count them all.
// The tests run even where a check has failed: one run tells all that is wrong.
// `npm test -- NAME`: the test files whose path has NAME in it, and nothing else.
const filters = process.argv.slice(2);
const passed = filters.length > 0 || (await runGate(SOURCE_STEPS));
const { status } = spawnSync('vitest', ['run', ...filters], { stdio: 'inherit' });
process.exitCode = passed ? (status ?? 1) : 1;
