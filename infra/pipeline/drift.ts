import { driftSteps } from './steps.ts';
import { runPipeline } from './run-pipeline.ts';

// `npm run drift-pipeline -- --stack prod`: fails when the stack is not as it was left.
process.exitCode = await runPipeline(
  {
    name: 'drift-pipeline',
    description: 'Looks for drift, and changes nothing',
    steps: driftSteps,
  },
  process.argv.slice(2),
);
