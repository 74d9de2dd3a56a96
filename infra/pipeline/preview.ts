import { runPipeline } from './run-pipeline.ts';
import { previewSteps } from './steps.ts';

// `npm run preview-pipeline -- --stack prod`: what CI does in a merge request.
process.exitCode = await runPipeline(
  {
    name: 'preview-pipeline',
    description: 'Previews, checks the plan, and says on the merge request what would change',
    configure(command) {
      command.option('--against <revision>', 'forecast only what differs from this revision');
    },
    steps: previewSteps,
  },
  process.argv.slice(2),
);
