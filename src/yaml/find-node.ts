import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  visit,
  type Alias,
  type Document,
  type Node,
  type YAMLMap,
  LineCounter,
  parseDocument,
} from 'yaml';
import type { DocumentPath } from './document-problem.ts';

interface Child {
  readonly node: Node | null;
  /** The key it stands under; absent in a list. */
  readonly key?: Node;
}

/** The deepest node along a path, and how many parts of the path led to it. */
type FoundNode = Child & { readonly depth: number };

/**
 * Returns a function that finds the node at a path of the document, through aliases. Keys and aliases
 * are indexed at their first use: a document with very many problems is searched once, not once for each.
 */
export function nodeFinder(document: Document.Parsed): (path: DocumentPath) => FoundNode {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Child>>();
  let targets: ReadonlyMap<Alias, Node> | undefined;

  const childOf = (parent: Node | null, part: string | number): Child | undefined => {
    if (isSeq<Node>(parent) && typeof part === 'number') {
      const node = parent.items[part];
      return node && { node };
    }
    if (!isMap<Node, Node | null>(parent)) return undefined;
    const index = indexes.get(parent) ?? indexKeys(parent);
    indexes.set(parent, index);
    return index.get(String(part));
  };

  return (path) => {
    let found: Child = { node: document.contents };
    for (const [depth, part] of path.entries()) {
      if (isAlias(found.node)) targets ??= resolveAliases(document);
      const parent = isAlias(found.node) ? (targets?.get(found.node) ?? null) : found.node;
      const next = childOf(parent, part);
      if (next === undefined) return { ...found, depth };
      found = next;
    }
    return { ...found, depth: path.length };
  };
}

function indexKeys(map: YAMLMap<Node, Node | null>): ReadonlyMap<string, Child> {
  return new Map(
    map.items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      return [name, { node: value ?? key, key }];
    }),
  );
}

/** What each alias stands for: the last node before it that has its anchor. */
function resolveAliases(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** A text value as it stands in a document; where an alias names it, at its anchor. */
export interface WrittenText {
  /** What it is read as. */
  readonly value: string;
  /** 0-based, in UTF-16 code units; quotes and the sign of a block belong to it, an anchor does not. */
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

/**
 * Returns a function that finds the text value at a path of a document, so that it can be changed in
 * place. `text` must have been found to be sound by `parseYaml`.
 */
export function scalarFinder(text: string): (path: DocumentPath) => WrittenText | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const find = nodeFinder(document);
  const targets = resolveAliases(document);
  return (path) => {
    const { node: found, depth } = find(path);
    const node = isAlias(found) ? targets.get(found) : found;
    if (depth !== path.length || !isScalar(node) || typeof node.value !== 'string')
      return undefined;
    if (node.range === undefined || node.range === null) return undefined;
    const [start, end] = node.range;
    const { line, col: column } = lines.linePos(start);
    return { value: node.value, start, end, line, column };
  };
}
