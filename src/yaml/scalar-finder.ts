import { isAlias, isScalar, LineCounter, parseDocument } from 'yaml';
import type { DocumentPath } from './document-path.ts';
import { nodeFinder, resolveAliases } from './node-finder.ts';

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
