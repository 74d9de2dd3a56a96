import process from 'node:process';
import { cacheFolder } from '../src/git/cache-folder.ts';
import { sourceOpener } from '../src/git/open-source.ts';
import { workingTree } from '../src/git/working-tree.ts';
import { planStack, type StackPlan } from '../src/plan/plan-stack.ts';
import { findReferences } from '../src/branches/find-references.ts';
import type { References } from '../src/branches/references.ts';
import { readSettings } from './settings.ts';

/** What a stack is to be, and what the supported branches need of it. */
export interface ProgramPlan extends StackPlan {
  readonly references: References;
}

/** What is to be deployed, from the checkout and the branches that use the images. */
export function planOfCheckout(): ProgramPlan {
  const checkout = process.cwd();
  const stack = planStack(workingTree(checkout), readSettings());
  const open = sourceOpener({ checkout, cache: cacheFolder(process.env) });
  return { ...stack, references: findReferences(stack.retention, stack.settings.retention, open) };
}
