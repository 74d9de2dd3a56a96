import { loadText } from '../yaml/read-text.ts';
import type { FileTree } from '../file-tree.ts';
import { type Retention, parseAllowEntry } from './retention.ts';
import { explainIssues, isMapping } from '../yaml/explain-issues.ts';
import { placeProblem, requireYaml } from '../yaml/yaml-document.ts';
import type { DocumentProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseTag } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import { parseSources } from '../branches/parse-sources.ts';
import {
  DURATION_SHAPE,
  RETENTION_PROBLEM_CODES,
  type RetentionProblemCode,
  COUNT_SHAPE,
} from './value-rules.ts';
import { findTooManyPolicies } from './keep-lists.ts';
import { RetentionFile } from './schema.ts';

/**
 * Reads and parses the retention file at a path of the checkout, such as `config/retention.yml`. Throws
 * an `InvalidInputError` with every problem there is; each code is a `RetentionProblemCode`.
 */
export function loadRetention(tree: FileTree, file: string): Retention {
  return parseRetention(file, loadText(tree, file, 'retention file'));
}

type RetentionFinding = DocumentProblem<RetentionProblemCode>;

/** Parses a retention file's text; `file` is its path in the checkout. Throws as `loadRetention` does. */
export function parseRetention(file: string, text: string): Retention {
  const document = requireYaml(text, file);
  // A file of comments alone is one in which every key is missing.
  const raw = document.value ?? {};
  const result = RetentionFile.safeParse(raw);
  const issues = result.error?.issues ?? [];
  const checked = { raw, path: [], sourceOf: document.sourceOf };
  const { sources, problems: inSources } = parseSources(listOf(raw, 'sources'), document.sourceOf);
  const findings = [
    ...explainIssues(issues, checked, RetentionFile, RETENTION_PROBLEM_CODES).map(withExample),
    ...(isMapping(raw) ? checkLists(raw) : []),
    ...inSources,
  ];
  if (result.success && findings.length === 0) return { ...result.data, sources };
  throw new InvalidInputError(findings.map((finding) => placeProblem(finding, document, file)));
}

const EXAMPLES: Readonly<Record<string, { readonly example: string; readonly remedy: string }>> = {
  dryRun: { example: 'true', remedy: 'write true or false, without quotes' },
  window: { example: '90d', remedy: `write ${DURATION_SHAPE}` },
  keepNewest: { example: '5', remedy: `write ${COUNT_SHAPE}` },
  untaggedAfter: { example: '14d', remedy: `write ${DURATION_SHAPE}` },
  gracePeriod: { example: '30d', remedy: `write ${DURATION_SHAPE}` },
  sources: { example: '[]', remedy: 'write a list; [] says that no branch counts' },
};

/** Quotes would not mend `window: 90`: what is missing is the unit. */
function withExample(finding: RetentionFinding): RetentionFinding {
  const key = String(finding.path[0]);
  const known = EXAMPLES[key];
  if (known === undefined) return finding;
  const { example, remedy } = known;
  if (finding.code === 'MISSING_KEY') return { ...finding, remedy: `add ${key}: ${example}` };
  if (finding.code === 'UNQUOTED_VALUE') return { ...finding, code: 'INVALID_DURATION', remedy };
  return finding.code === 'WRONG_TYPE' ? { ...finding, remedy } : finding;
}

/** What is wrong with the lists as a whole, told also when an item of them is wrong by itself. */
function checkLists(raw: Readonly<Record<string, unknown>>): readonly RetentionFinding[] {
  const keepAliases = textsOf(raw['keepAliases']);
  const allow = textsOf(raw['allow']);
  const flaw = findTooManyPolicies({
    keepAliases: keepAliases.flatMap(([, text]) => parseTag(text) ?? []),
    allow: allow.flatMap(([, text]) => parseAllowEntry(text) ?? []),
  });
  return [
    ...findRepeats('keepAliases', keepAliases),
    ...findRepeats('allow', allow),
    ...(flaw === undefined ? [] : [{ ...flaw, path: [flaw.list] }]),
  ];
}

function findRepeats(key: string, texts: readonly Positioned[]): readonly RetentionFinding[] {
  const first = new Map(texts.toReversed().map(([position, text]) => [text, position]));
  return texts.flatMap(([position, text]): RetentionFinding[] => {
    if (first.get(text) === position) return [];
    const problem = `${quote(text)} stands here twice`;
    return [{ code: 'DUPLICATE_ENTRY', path: [key, position], problem, remedy: 'delete one' }];
  });
}

type Positioned = readonly [position: number, text: string];

function listOf(raw: unknown, key: string): readonly unknown[] {
  const list = isMapping(raw) ? raw[key] : undefined;
  return Array.isArray(list) ? list : [];
}

function textsOf(list: unknown): readonly Positioned[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, position): Positioned[] =>
    typeof item === 'string' ? [[position, item]] : [],
  );
}
