import { isAlias, isCollection, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Alias, Document, Pair } from 'yaml';
import type { Problem } from '../problem.ts';
import { formatDocumentPath, type Position } from './document-problem.ts';

/** What aliases may add to a document, in nodes: room for 1000 images that share whole blocks. */
const MAX_ALIASED_NODES = 100_000;

/**
 * Finds what a YAML parser accepts and plain values can't hold: keys that are no plain text, stand twice
 * or are meant to merge (YAML 1.2 has no merge keys), aliases of nothing or of themselves, and aliases
 * that multiply ("billion laughs"). Sizes are added up per anchor, so the time is linear in the text
 * however large the expansion would be.
 */
export function checkYaml(
  document: Document.Parsed,
  positionAt: (offset: number) => Position,
): readonly Omit<Problem, 'file'>[] {
  const problems: Omit<Problem, 'file'>[] = [];
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  const path: (string | number)[] = [];
  let aliased = 0;
  const addProblem = (code: string, node: unknown, problem: string, remedy: string) => {
    const position = positionAt(isNode(node) ? (node.range?.[0] ?? 0) : 0);
    problems.push({ code, ...position, path: formatDocumentPath(path), problem, remedy });
  };

  const sizeAt = (part: string | number, node: unknown): number => {
    path.push(part);
    const size = sizeOf(node);
    path.pop();
    return size;
  };

  const sizeOfPair = (pair: Pair, before: Set<string>): number => {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const found = keyProblem(pair.key, name, before);
    path.push(name);
    if (found !== undefined) addProblem('YAML_SYNTAX', pair.key, ...found);
    path.pop();
    before.add(name);
    return sizeOf(pair.key) + sizeAt(name, pair.value);
  };

  const sizeOfAlias = (alias: Alias): number => {
    const { source: anchor } = alias;
    const size = sizes.get(anchor);
    const isFirstBeyond = aliased <= MAX_ALIASED_NODES;
    aliased += size ?? 0;
    const remedy = 'write the value out where it is needed';
    if (open.has(anchor)) {
      addProblem('YAML_ALIASES', alias, `*${anchor} stands inside of itself`, remedy);
    } else if (size === undefined) {
      addProblem('YAML_ALIASES', alias, `&${anchor} is not set before here`, remedy);
    } else if (isFirstBeyond && aliased > MAX_ALIASED_NODES) {
      const problem = `aliases add more than ${MAX_ALIASED_NODES.toLocaleString('en')} values to the document`;
      addProblem('YAML_ALIASES', alias, problem, remedy);
    }
    return size ?? 1;
  };

  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return sizeOfAlias(node);
    const anchor = isCollection(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) open.add(anchor);
    let size = 1;
    if (isMap(node)) {
      const keys = new Set<string>();
      for (const pair of node.items) size += sizeOfPair(pair, keys);
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) size += sizeAt(index, item);
    }
    if (anchor !== undefined) {
      open.delete(anchor);
      sizes.set(anchor, size);
    }
    return size;
  };

  sizeOf(document.contents);
  return problems;
}

/** The problem of a key, and its remedy; `before` are the names of the keys above it in its mapping. */
function keyProblem(
  key: unknown,
  name: string,
  before: ReadonlySet<string>,
): readonly [problem: string, remedy: string] | undefined {
  if (!isScalar(key)) return ['a key is a list, a mapping or an alias', 'use a word as the key'];
  if (name === '<<') return ['merge keys are not read', 'write out the keys that it stands for'];
  if (name === '__proto__') return ['this key is reserved', 'use another word as the key'];
  if (before.has(name)) return ['this key stands here twice', 'delete one of the two'];
  return undefined;
}
