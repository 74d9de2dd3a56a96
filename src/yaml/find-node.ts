import { isAlias, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Alias, Document, Node, YAMLMap } from 'yaml';
import type { DocumentPath } from './document-problem.ts';

interface Child {
  readonly node: Node | null;
  /** The key it stands under; absent in a list. */
  readonly key?: Node;
}

interface FoundNode extends Child {
  /** The node at the whole path, of an alias what it names; absent where nothing stands. */
  readonly target?: Node | null;
}

/**
 * Returns a function that finds the deepest node along a path of the document, through aliases. Keys and
 * aliases are indexed at their first use: a document with very many problems is searched once, not once
 * for each.
 */
export function nodeFinder(document: Document.Parsed): (path: DocumentPath) => FoundNode {
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Child>>();
  let targets: ReadonlyMap<Alias, Node> | undefined;

  const targetOf = (node: Node | null): Node | null => {
    if (!isAlias(node)) return node;
    targets ??= resolveAliases(document);
    return targets.get(node) ?? null;
  };

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
    for (const part of path) {
      const next = childOf(targetOf(found.node), part);
      if (next === undefined) return found;
      found = next;
    }
    return { ...found, target: targetOf(found.node) };
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

/** Each alias's node: the last one before it that has its anchor. */
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
