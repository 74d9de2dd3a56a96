import { isAlias, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Alias, Document, Node, YAMLMap } from 'yaml';
import type { DocumentPath } from './document-path.ts';

interface Child {
  readonly node: Node | null;
  /** The key it stands under; absent in a list. */
  readonly key?: Node;
}

/** The deepest node along a path, and how many parts of the path led to it. */
export type FoundNode = Child & { readonly depth: number };

/**
 * Returns a function that finds the node at a path of the document, through aliases. Keys and aliases
 * are indexed at their first use: a document with very many mistakes is searched once, not once each.
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
export function resolveAliases(document: Document.Parsed): ReadonlyMap<Alias, Node> {
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
