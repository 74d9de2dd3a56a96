import { matchesPath } from '../path-pattern.ts';
import type { Problem } from '../problem.ts';

/** The rules of an ignore file: paths that a build context leaves out, less those that it keeps. */
export interface IgnoreRules {
  /** Patterns by path component; `**` stands for any number of components. */
  readonly ignored: readonly (readonly string[])[];
  /** Paths after `!`. Each is ignored by a pattern above it. */
  readonly kept: ReadonlySet<string>;
}

/** The sound rules of an ignore file, and the problems of the others. */
export interface ParsedRules {
  readonly rules: IgnoreRules;
  readonly problems: readonly Problem[];
}

export const NO_RULES: IgnoreRules = { ignored: [], kept: new Set() };

type Explanation = readonly [problem: string, remedy: string];

/** Characters that Docker, or one version of Docker, does not read as they stand. */
const SPECIAL = /[?[\]\\^+(){}|]|(?![ \t\r])[\s\p{Cc}]/u;

// Parses a `.dockerignore`. Docker reads more than this; a tag must not depend on the engine, so only
// those patterns are supported that all versions of Docker read in the same way:
//
//     # comment      with # in the first column
//     folder/file    a path from the context, with all that is below it
//     *.log          * is any text within one component of a path
//     **/tmp         **/ is any number of folders, also none
//     !folder/file   a path without wildcards that is kept although a pattern above ignores it
//
// Lines with ! come last. A slash at the start or the end of a path changes nothing. Every other line
// is a problem (DOCKERIGNORE_PATTERN) with its line and column in `file`.
export function parseDockerignore(text: string, file: string): ParsedRules {
  const ignored: (readonly string[])[] = [];
  const kept = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const pattern = line.trim();
    if (line.startsWith('#') || pattern === '') continue;
    const isKept = pattern.startsWith('!');
    const path = (isKept ? pattern.slice(1).trim() : pattern).replaceAll(/^\/|\/$/g, '');
    const parts = path.split('/');
    const special = SPECIAL.exec(line);
    // A pattern that is rejected may be the one that a path is kept from.
    const explanation =
      specialExplanation(special) ??
      pathExplanation(parts) ??
      (isKept
        ? problems.length === 0 && keptExplanation(path, ignored)
        : kept.size > 0 && AFTER_KEPT);
    if (explanation) {
      const column = (special?.index ?? line.indexOf(pattern)) + 1;
      const [problem, remedy] = explanation;
      const place = { file, line: index + 1, column, path: pattern };
      problems.push({ code: 'DOCKERIGNORE_PATTERN', ...place, problem, remedy });
    } else if (isKept) kept.add(path);
    else ignored.push(parts);
  }
  return { rules: { ignored, kept }, problems };
}

const AFTER_KEPT: Explanation = [
  'a pattern stands below a line with !',
  'move it above the first line with !',
];

function specialExplanation(special: RegExpExecArray | null): Explanation | undefined {
  if (special === null) return undefined;
  const problem = `the character ${JSON.stringify(special[0])} is not supported in a pattern`;
  return [problem, 'write a path, with * for any text in a name and **/ for any folders'];
}

function pathExplanation(parts: readonly string[]): Explanation | undefined {
  if (parts.some((part) => ['', '.', '..'].includes(part)) || parts[0]?.startsWith('!') === true) {
    return ['this is no path inside the context', 'write it as folder/file'];
  }
  const isLoose = parts.some((part) => part.includes('**') && part !== '**');
  if (!isLoose && parts.at(-1) !== '**') return undefined;
  return ['** is supported only as **/ before a name', 'write a name behind it, or a single *'];
}

/**
 * Docker 20.10 and later versions differ on `!` in two cases: where no pattern ignores the path itself,
 * and beside the path in a folder that a pattern with `**` ignores.
 */
function keptExplanation(path: string, ignored: IgnoreRules['ignored']): Explanation | undefined {
  if (path.includes('*')) return ['! takes a path without *', 'write one line for each path'];
  if (!isIgnored({ ignored, kept: new Set() }, path)) {
    return ['no pattern above ignores this path', 'delete the line'];
  }
  const anywhere = ignored.filter((parts) => parts.includes('**'));
  const folder = parentsOf(path).find((parent) =>
    anywhere.some((each) => matchesPath(each, parent)),
  );
  if (folder === undefined) return undefined;
  const remedy = `ignore ${folder} by its path, without **/`;
  return [`Docker versions disagree on what else of ${folder} is ignored`, remedy];
}

/** The fate of a path; all paths below a folder that is kept are kept. */
export type Fate = 'sent' | 'ignored' | 'kept';

/** The fate of a path in a folder with the fate `above`. */
export function fateOf({ ignored, kept }: IgnoreRules, path: string, above: Fate): Fate {
  if (above === 'kept' || kept.has(path)) return 'kept';
  return above === 'ignored' || ignored.some((each) => matchesPath(each, path))
    ? 'ignored'
    : 'sent';
}

/** True when Docker does not send the file at `path`, which is relative to the context. */
export function isIgnored(rules: IgnoreRules, path: string): boolean {
  const fate = [...parentsOf(path), path].reduce<Fate>(
    (above, each) => fateOf(rules, each, above),
    'sent',
  );
  return fate === 'ignored';
}

/** True when an ignored folder holds paths that are kept. */
export function holdsKept({ kept }: IgnoreRules, folder: string): boolean {
  return [...kept].some((path) => path.startsWith(`${folder}/`));
}

/** `a` and `a/b` for `a/b/c`. */
function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, end) => parts.slice(0, end + 1).join('/'));
}
