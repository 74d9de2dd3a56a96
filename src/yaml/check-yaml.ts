import { isAlias, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Pair, YAMLMap } from 'yaml';
import { formatDocumentPath } from './document-problem.ts';

/** What aliases may add to a document, in nodes: room for 1000 images that share whole blocks. */
const MAX_ALIASED_NODES = 100_000;

interface YamlProblem {
  readonly code: 'YAML_SYNTAX' | 'YAML_ALIASES';
  /** 0-based, in UTF-16 code units. */
  readonly offset: number;
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

/**
 * Finds what a YAML parser accepts and plain values can't hold: keys that are no plain text, stand twice
 * or are meant to merge (YAML 1.2 has no merge keys), aliases of nothing or of themselves, and aliases
 * that multiply ("billion laughs"). Sizes are added up per anchor, so the time is linear in the text
 * however large the expansion would be.
 */
export function checkYaml(document: Document.Parsed): readonly YamlProblem[] {
  const problems: YamlProblem[] = [];
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  const path: (string | number)[] = [];
  let aliased = 0;
  const addProblem = (code: YamlProblem['code'], offset: number, problem: string, remedy: string) =>
    problems.push({ code, offset, path: formatDocumentPath(path), problem, remedy });
  const addAliasProblem = (offset: number, problem: string) =>
    addProblem('YAML_ALIASES', offset, problem, 'write the value out where it is needed');

  const sizeOfAlias = (source: string, offset: number): number => {
    const size = sizes.get(source);
    if (open.has(source)) addAliasProblem(offset, `*${source} stands inside of itself`);
    else if (size === undefined) addAliasProblem(offset, `&${source} is not set before here`);
    const before = aliased;
    aliased += size ?? 0;
    if (before <= MAX_ALIASED_NODES && aliased > MAX_ALIASED_NODES) {
      const limit = MAX_ALIASED_NODES.toLocaleString('en');
      addAliasProblem(offset, `aliases add more than ${limit} values to the document`);
    }
    return size ?? 1;
  };

  const sizeAt = (part: string | number, node: unknown): number => {
    path.push(part);
    const size = sizeOf(node);
    path.pop();
    return size;
  };

  const sizeOfPairs = (map: YAMLMap): number => {
    const names = new Set<string>();
    return map.items.reduce((sum, pair) => {
      const name = nameOf(pair);
      path.push(name);
      const found = keyProblem(pair, names);
      if (found !== undefined) addProblem('YAML_SYNTAX', offsetOf(pair.key), ...found);
      path.pop();
      names.add(name);
      return sum + sizeOf(pair.key) + sizeAt(name, pair.value);
    }, 1);
  };

  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return sizeOfAlias(node.source, offsetOf(node));
    const anchor = isCollection(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) open.add(anchor);
    let size = 1;
    if (isMap(node)) size = sizeOfPairs(node);
    else if (isSeq(node)) {
      size = node.items.reduce<number>((sum, item, index) => sum + sizeAt(index, item), 1);
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

/** The problem of a key, and its remedy; `before` are the keys above it in the same mapping. */
function keyProblem(
  pair: Pair,
  before: ReadonlySet<string>,
): readonly [problem: string, remedy: string] | undefined {
  const name = nameOf(pair);
  if (!isScalar(pair.key)) {
    return ['a key is a list, a mapping or an alias', 'use a word as the key'];
  }
  if (name === '<<') {
    return ['merge keys are not read', 'write out the keys that it stands for'];
  }
  if (name === '__proto__') return ['this key is reserved', 'use another word as the key'];
  if (before.has(name)) return ['this key stands here twice', 'delete one of the two'];
  return undefined;
}

/** Empty for a key that is no plain text. */
function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function offsetOf(node: unknown): number {
  return isCollection(node) || isScalar(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
