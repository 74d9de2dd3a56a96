import { readStackSettings } from '../../src/cli/read-stack-settings.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { planStack } from '../../src/plan/plan-stack.ts';
import type { TestCheckout } from './test-checkout.ts';

/** Image → immutable tag, as `images plan` has it: here, since a process for it takes a second. */
export function plannedTags({ root }: Pick<TestCheckout, 'root'>): Record<string, string> {
  const tree = workingTree(root);
  const { images } = planStack(tree, readStackSettings(tree, 'sandbox'));
  return Object.fromEntries(images.map(({ name, tag }) => [name, tag]));
}
