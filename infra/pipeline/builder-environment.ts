import { requireSettings } from '../../src/cli/read-stack.ts';
import { withoutDockerAddress } from '../../src/docker-address.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { collectProblems } from '../../src/problem.ts';

/**
 * The environment in which the engine runs a stack of the checkout: for a stack with builders, one that leads Docker
 * nowhere else. Settings with problems change nothing; the program reports them.
 */
export function builderEnvironment(
  root: string,
  stack: string,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const settings = collectProblems([], () => requireSettings(workingTree(root), stack));
  return (settings?.builders ?? []).length === 0 ? env : withoutDockerAddress(env);
}
