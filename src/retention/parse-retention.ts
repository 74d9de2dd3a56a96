import { findTooManyPolicies } from './keep-lists.ts';
import { parseAllowEntry, type Retention } from './retention.ts';
import { RetentionFile } from './schema.ts';
import {
  COUNT_SHAPE,
  DURATION_SHAPE,
  RETENTION_PROBLEM_CODES,
  type RetentionProblemCode,
} from './value-rules.ts';
import { findRepeats, parseSources } from '../branches/parse-sources.ts';
import type { FileTree } from '../file-tree.ts';
import { parseTag } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import type { DocumentProblem } from '../yaml/document-problem.ts';
import { explainIssues, isMapping } from '../yaml/explain-issues.ts';
import { loadText } from '../yaml/read-text.ts';
import { placeProblem, requireYaml } from '../yaml/yaml-document.ts';

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
  const document = requireYaml(text, file);
  // A file of comments alone lacks every key.
  const raw = document.value ?? {};
  const result = RetentionFile.safeParse(raw);
  const issues = result.error?.issues ?? [];
  const checked = { raw, path: [], sourceOf: document.sourceOf };
  const listOf = (key: string): readonly unknown[] => {
    const list = isMapping(raw) ? raw[key] : undefined;
    return Array.isArray(list) ? list : [];
  };
  const { sources, problems: inSources } = parseSources(listOf('sources'), document.sourceOf);
  const problems = [
    ...explainIssues(issues, checked, RetentionFile, RETENTION_PROBLEM_CODES).map(withExample),
    ...checkLists(listOf('keepAliases'), listOf('allow')),
    ...inSources,
  ];
  if (result.success && problems.length === 0) return { ...result.data, sources };
  throw new InvalidInputError(problems.map((problem) => placeProblem(problem, document, file)));
}

const EXAMPLES: Readonly<Record<string, { readonly example: string; readonly remedy: string }>> = {
  dryRun: { example: 'true', remedy: 'write true or false, without quotes' },
  window: { example: '90d', remedy: `write ${DURATION_SHAPE}` },
  keepNewest: { example: '5', remedy: `write ${COUNT_SHAPE}` },
  untaggedAfter: { example: '14d', remedy: `write ${DURATION_SHAPE}` },
  gracePeriod: { example: '30d', remedy: `write ${DURATION_SHAPE}` },
  sources: { example: '[]', remedy: 'write a list; [] says that no branch counts' },
};

/** Replaces general remedies by the key's own. `window: 90` lacks a unit, not quotes. */
function withExample(problem: RetentionProblem): RetentionProblem {
  const key = String(problem.path[0]);
  const known = EXAMPLES[key];
  if (known === undefined) return problem;
  const { example, remedy } = known;
  if (problem.code === 'MISSING_KEY') return { ...problem, remedy: `add ${key}: ${example}` };
  if (problem.code === 'UNQUOTED_VALUE') return { ...problem, code: 'INVALID_DURATION', remedy };
  return problem.code === 'WRONG_TYPE' ? { ...problem, remedy } : problem;
}

/** The problems of the lists as a whole, also where an item is a problem by itself. */
function checkLists(
  keepAliases: readonly unknown[],
  allow: readonly unknown[],
): readonly RetentionProblem[] {
  const tooMany = findTooManyPolicies({
    keepAliases: textsOf(keepAliases).flatMap((text) => parseTag(text) ?? []),
    allow: textsOf(allow).flatMap((text) => parseAllowEntry(text) ?? []),
  });
  return [
    ...findRepeats(keepAliases, (at) => ['keepAliases', at]),
    ...findRepeats(allow, (at) => ['allow', at]),
    ...(tooMany === undefined ? [] : [{ ...tooMany, path: [tooMany.list] }]),
  ];
}

function textsOf(list: readonly unknown[]): readonly string[] {
  return list.filter((item) => typeof item === 'string');
}
