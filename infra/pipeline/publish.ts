import { publishSteps } from './steps.ts';
import { runPipeline } from './run-pipeline.ts';

// `npm run publish-pipeline -- --stack prod`: what CI does on the main branch.
process.exitCode = await runPipeline(
  { name: 'publish-pipeline', description: 'Publishes what is in git', steps: publishSteps },
  process.argv.slice(2),
);
