import { runPipeline } from './run-pipeline.ts';
import { refreshSteps } from './steps.ts';
import { branchOption, hostOption } from '../../src/cli/options.ts';

// `npm run refresh-pipeline -- --stack prod`: what the schedule starts, on any CI.
process.exitCode = await runPipeline(
  {
    name: 'refresh-pipeline',
    description: 'Refreshes the catalog, proposes it, publishes, puts right, and reports drift',
    configure(command) {
      command.addOption(hostOption()).addOption(branchOption());
    },
    needsCleanCheckout: true,
    steps: refreshSteps,
  },
  process.argv.slice(2),
);
