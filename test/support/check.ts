import { runGate, SOURCE_STEPS } from './gate.ts';

// `npm run check`: everything but the engine tests and the slow ones, in half a minute.
const passed = await runGate([
  { title: 'tests', command: 'vitest', args: ['run', '--project', 'unit', '--maxWorkers', '2'] },
  ...SOURCE_STEPS,
]);
process.exitCode = passed ? 0 : 1;
