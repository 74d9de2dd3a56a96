import { runGate, SOURCE_STEPS } from './gate.ts';

// `npm run check`: everything but the engine tests, in under a minute.
const passed = await runGate([
  ...SOURCE_STEPS,
  { title: 'tests', command: 'vitest', args: ['run', '--project', 'unit'] },
]);
process.exitCode = passed ? 0 : 1;
