import { takeLock } from '../toolchain/lock.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { Sandbox } from './sandbox.ts';

/** Does `work` while no other `npm start` or `npm stop`, and no pipeline, is at work on the same sandbox; else an error. */
export async function withSandboxLock<T>(
  { lockFile }: Sandbox,
  work: () => Promise<T>,
): Promise<T> {
  const lock = takeLock(lockFile);
  if (typeof lock !== 'function') {
    throw new PrerequisiteError(
      `another \`npm start\`, \`npm stop\` or a refresh is at work here (process ${lock.heldBy})`,
      'wait until it is done',
    );
  }
  try {
    return await work();
  } finally {
    lock();
  }
}
