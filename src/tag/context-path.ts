/** Joins two paths of the checkout, either of which may be empty. */
export function joinPath(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}

/** The path relative to the directory; `undefined` when it is not below it. */
export function pathInside(directory: string, path: string): string | undefined {
  if (directory === '') return path;
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined;
}
