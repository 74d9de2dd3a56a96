import { printedBy } from './printed-by.ts';

/** Runs `images refresh` in a checkout; what it prints, and its exit code. */
export function refresh(root: string, ...args: string[]) {
  return printedBy(root, 'refresh', ...args);
}
