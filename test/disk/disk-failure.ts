import { expect } from 'vitest';
import { DiskError } from '../../src/disk/disk-error.ts';

/** The DiskError that a promise must fail with. */
export async function diskFailure(promise: Promise<unknown>): Promise<DiskError> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(DiskError);
  return failure as DiskError;
}
