import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PREVIEW_FOLDER, previewSteps } from './steps.ts';
import { runPipeline } from './run-pipeline.ts';

// `npm run preview-pipeline -- --stack prod`: what CI does in a merge request.
process.exitCode = await runPipeline(
  {
    name: 'preview-pipeline',
    description: 'Previews, checks the plan, and says on the merge request what would change',
    configure(command) {
      command.option('--against <revision>', 'forecast only what differs from this revision');
    },
    obstacle(root) {
      mkdirSync(join(root, PREVIEW_FOLDER), { recursive: true });
      return undefined;
    },
    steps: previewSteps,
  },
  process.argv.slice(2),
);
