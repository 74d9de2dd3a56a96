import pulumi from '@pulumi/pulumi';
import { openRegistry } from './components/registry-access.ts';
import { endWithEngine, shortStackTraces } from './engine/errors.ts';
import { withoutSourcePositions } from './engine/without-source-positions.ts';

/**
 * Older versions lack `import.meta.main`. Any Node from 20 on may start npm's scripts: they run the Node that
 * package.json has as a dependency (infra/toolchain/bootstrap.mjs).
 */
const OLDEST_NODE = 24;

/**
 * The entry point of the engine; program.ts declares the resources, or access.ts those of a stack for owners.
 *
 * In a preview the plug-ins start while the program is loaded and plans. An `up` requests nothing from the
 * engine before its input is known to be good.
 */
export default async function main() {
  shortStackTraces();
  withoutSourcePositions();
  checkNode();
  endWithEngine();
  // All other values are for program.ts to check.
  const config = new pulumi.Config();
  if (config.get('part') === 'access') {
    const { accessProgram } = await import('./access.ts');
    return accessProgram();
  }
  // A repository of Artifact Registry is named by a word.
  const isPlain = config.get('destination')?.includes('/') ?? false;
  const opening = pulumi.runtime.isDryRun() ? await openRegistry(isPlain) : undefined;
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
