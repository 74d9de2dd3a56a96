import { runPipeline } from './run-pipeline.ts';
import { refreshSteps } from './steps.ts';
import { hostOption } from '../../src/cli/options.ts';

// `npm run refresh-pipeline -- --stack prod`: what the schedule starts in CI, whoever's CI it is.
process.exitCode = await runPipeline(
  {
    name: 'refresh-pipeline',
    description: 'Refreshes the catalog, proposes it, publishes, puts right, and reports drift',
    configure(command) {
      command
        .addOption(hostOption())
        .option('--branch <name>', 'what to propose it for; by default what the pipeline runs on');
    },
    needsCleanCheckout: true,
    steps: refreshSteps,
  },
  process.argv.slice(2),
);
