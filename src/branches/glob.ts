/** Stands for any number of directories, none included. */
const ANY_DIRECTORIES = '**';

/** How globs are written, for whoever wrote one that is refused. */
export const GLOB_SHAPE =
  'a path such as tests/files/*.yml or roles/**/molecule.yml: * and ? within a name, ** for directories';

/**
 * A test for paths, from a glob: `*` is any text and `?` any letter within a name, `**` any number of
 * directories. Names that start with a dot are names like any other. `undefined` for a glob that could
 * match nothing (a leading or trailing slash, `.` and `..`), and for signs that other globs have and
 * that would be taken literally here.
 */
export function compileGlob(glob: string): ((path: string) => boolean) | undefined {
  const parts = glob.split('/');
  if (parts.some(isUnusable) || parts.at(-1) === ANY_DIRECTORIES) return undefined;
  const source = parts.map((part, position) => {
    if (part === ANY_DIRECTORIES) return '(?:[^/]+/)*';
    return compilePart(part) + (position < parts.length - 1 ? '/' : '');
  });
  const expression = new RegExp(`^${source.join('')}$`, 'u');
  return (path) => expression.test(path);
}

function isUnusable(part: string): boolean {
  if (part === ANY_DIRECTORIES) return false;
  return (
    part === '' ||
    part === '.' ||
    part === '..' ||
    part.includes(ANY_DIRECTORIES) ||
    /[[\]{}\\!\p{Cc}]/u.test(part)
  );
}

function compilePart(part: string): string {
  return part
    .replaceAll(/[.+^$()|]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
}
