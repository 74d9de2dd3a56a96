import { findTooManyPolicies } from './keep-lists.ts';
import { parseAllowEntry, type Retention } from './retention.ts';
import {
  DURATION_SHAPE,
  MOST_KEPT,
  RETENTION_PROBLEM_CODES,
  type RetentionProblemCode,
  RetentionFile,
} from './schema.ts';
import { findRepeats, listOf, parseSources } from '../branches/parse-sources.ts';
import type { FileTree } from '../file-tree.ts';
import { parseTag } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import type { DocumentProblem } from '../yaml/document-problem.ts';
import { checkMapping, isMapping } from '../yaml/check-mapping.ts';
import { loadText } from '../yaml/read-text.ts';
import { locateProblem, parseYaml } from '../yaml/yaml-document.ts';

type RetentionProblem = DocumentProblem<RetentionProblemCode>;

/**
 * Reads and parses the retention file at a path of the checkout, such as `config/retention.yml`. Throws
 * an InvalidInputError with all problems of the file; each code is a `RetentionProblemCode`.
 */
export function loadRetention(tree: FileTree, file: string): Retention {
  return parseRetention(file, loadText(tree, file, 'retention file'));
}

/** Parses a retention file's text; `file` is its path in the checkout. Throws as `loadRetention` does. */
export function parseRetention(file: string, text: string): Retention {
  const document = parseYaml(text, file);
  // A file of comments alone lacks every key.
  const raw = document.value ?? {};
  const part = { raw, path: [], document };
  const checked = checkMapping(RetentionFile, part, RETENTION_PROBLEM_CODES);
  const given = isMapping(raw) ? raw : {};
  const { sources, problems: inSources } = parseSources(listOf(given['sources']), document);
  const problems = [
    ...checked.problems.map(withExample),
    ...checkLists(listOf(given['keepAliases']), listOf(given['allow'])),
    ...inSources,
  ];
  if (checked.data !== undefined && problems.length === 0) return { ...checked.data, sources };
  throw new InvalidInputError(problems.map((problem) => locateProblem(problem, document, file)));
}

const DURATION = `write ${DURATION_SHAPE}`;

const EXAMPLES: Readonly<Record<string, readonly [example: string, remedy: string]>> = {
  dryRun: ['true', 'write true or false, without quotes'],
  window: ['90d', DURATION],
  keepNewest: ['5', `write a whole number from 1 to ${MOST_KEPT}, without quotes`],
  untaggedAfter: ['14d', DURATION],
  gracePeriod: ['30d', DURATION],
  mostDeletedPercent: ['25', 'write a whole number from 1 to 100, without quotes'],
  sources: ['[]', 'write a list; [] says that no branch counts'],
};

/** Replaces general remedies by the key's own. `window: 90` lacks a unit, not quotes. */
function withExample(problem: RetentionProblem): RetentionProblem {
  const key = String(problem.path[0]);
  const known = EXAMPLES[key];
  if (known === undefined) return problem;
  const [example, remedy] = known;
  if (problem.code === 'MISSING_KEY') return { ...problem, remedy: `add ${key}: ${example}` };
  if (problem.code === 'UNQUOTED_VALUE') return { ...problem, code: 'INVALID_DURATION', remedy };
  return problem.code === 'WRONG_TYPE' ? { ...problem, remedy } : problem;
}

/** The problems of the lists as a whole, also where an item is a problem by itself. */
function checkLists(
  keepAliases: readonly unknown[],
  allow: readonly unknown[],
): readonly RetentionProblem[] {
  const isText = (item: unknown) => typeof item === 'string';
  const tooMany = findTooManyPolicies({
    keepAliases: keepAliases.filter(isText).flatMap((text) => parseTag(text) ?? []),
    allow: allow.filter(isText).flatMap((text) => parseAllowEntry(text) ?? []),
  });
  return [
    ...findRepeats(keepAliases, (at) => ['keepAliases', at]),
    ...findRepeats(allow, (at) => ['allow', at]),
    ...(tooMany === undefined ? [] : [{ ...tooMany, path: [tooMany.list] }]),
  ];
}
