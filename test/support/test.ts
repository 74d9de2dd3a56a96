import { spawnSync } from 'node:child_process';
import { runGate, SOURCE_STEPS } from './gate.ts';

// `npm test`: the source checks, then unit and engine tests in one run, so that the closing lines
// count every test. The tests run even where a check has failed: one run tells all that is wrong.
const passed = await runGate(SOURCE_STEPS);
const { status } = spawnSync('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = passed ? (status ?? 1) : 1;
