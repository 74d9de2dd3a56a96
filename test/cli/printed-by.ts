import { runImages } from '../../src/cli/run-images.ts';

/** Runs `images <args>` in a checkout: what it prints, and its exit code. */
export async function printedBy(root: string, ...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  const status = await runImages(args, {
    root,
    out: (text) => (printed.stdout += text),
    err: (text) => (printed.stderr += text),
  });
  return { status, ...printed };
}
