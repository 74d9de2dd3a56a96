import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { stackOption } from './options.ts';
import { planCheckout } from './read-stack.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { findImage } from '../plan/publish-only.ts';

/** `images publish`: runs the publish pipeline for one image. */
export const publishCommand = subcommand({
  name: 'publish',
  description: 'Publish one image and its aliases now, and touch nothing else of the stack',
  arguments: [['<name>', 'the name of the image in the catalog']],
  options: { stack: stackOption },
  run: async ({ root }, { stack }, name) => {
    findImage(planCheckout(root, stack), name);
    const pipeline = join(root, 'infra/pipeline/run-pipeline.ts');
    const args = [pipeline, 'publish', '--stack', stack, '--image', name];
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    // A terminal sends its signals to the pipeline as well, which ends in its own time.
    const wait = () => undefined;
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) {
      process.on(signal, signal === 'SIGINT' ? wait : () => child.kill(signal));
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return code === 0 ? EXIT_CODES.done : EXIT_CODES.problem;
  },
});
