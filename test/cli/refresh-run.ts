import { runImages } from '../../src/cli/run-images.ts';

/** Runs `images refresh` in a checkout; what it prints, and its exit code. */
export async function refresh(root: string, ...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  const status = await runImages(['refresh', ...args], {
    root,
    out: (text) => (printed.stdout += text),
    err: (text) => (printed.stderr += text),
  });
  return { status, ...printed };
}
