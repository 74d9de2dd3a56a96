/** Somewhere a part that is empty, `.` or `..`, or a NUL. */
const NOT_PLAIN = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** Throws a RangeError for a path that would leave the checkout, or is not in its plainest form. */
export function refuseUnlessPlain(path: string): void {
  if (NOT_PLAIN.test(path)) throw new RangeError(`"${path}" is not a path inside the checkout`);
}

/** Empty for what lies at the top. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
