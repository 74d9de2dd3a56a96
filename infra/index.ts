import { setTimeout as pause } from 'node:timers/promises';
import './engine/without-serialization.ts'; // First, since it changes what the SDK loads.
import pulumi from '@pulumi/pulumi';
import { endWithEngine, plainStackTraces } from './engine/errors.ts';
import { openRegistry } from './components/registry-access.ts';

/** Older ones lack `import.meta.main`. The dependency `node` in package.json is a newer one. */
const OLDEST_NODE = 24;

/** For what was asked to get out to the engine: nothing does while modules are loaded. */
const SEND_MS = 15;

/**
 * What the engine runs; program.ts says what it declares.
 *
 * In a preview the plug-ins start while the program is loaded and plans. An `up` asks the engine for
 * nothing before its input is known to be good.
 */
export default async function main() {
  plainStackTraces();
  checkNode();
  endWithEngine();
  const opening = pulumi.runtime.isDryRun() ? openRegistry() : undefined;
  if (opening !== undefined) await pause(SEND_MS);
  const { program } = await import('./program.ts');
  return program({ opening });
}

/** The language host runs the first Node on PATH, which may be another than this project's. */
function checkNode(): void {
  const [major] = process.versions.node.split('.');
  if (Number(major) >= OLDEST_NODE) return;
  throw new pulumi.RunError(
    `this program needs Node ${OLDEST_NODE}, and runs on Node ${process.versions.node}; ` +
      'put node_modules/.bin of the checkout first on PATH',
  );
}
