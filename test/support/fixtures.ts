/** A value that a test is sure to have. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a test lacks a value that it is sure to have');
  return value;
}

/** The error of a class that a promise must fail with. */
export async function rejection<E extends Error>(
  promise: Promise<unknown>,
  type: new (...args: never[]) => E,
): Promise<E> {
  const failure: unknown = await promise.catch((error: unknown) => error);
  if (failure instanceof type) return failure;
  throw new Error(`no ${type.name}, but ${String(failure)}`, { cause: failure });
}

/** A domain that the system knows to be none, since its label is too long: no name server is asked, which may take its time. */
export const NOWHERE = `${'x'.repeat(64)}.invalid`;
