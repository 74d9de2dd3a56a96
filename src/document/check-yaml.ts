import { isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';
import type { Document, YAMLMap } from 'yaml';

/** What aliases may add to a document, in nodes: room for 1000 images that share whole blocks. */
const MAX_ALIASED_NODES = 100_000;

export interface YamlFlaw {
  readonly code: 'YAML_SYNTAX' | 'YAML_ALIASES';
  /** 0-based, in UTF-16 code units. */
  readonly offset: number;
  readonly problem: string;
  readonly remedy: string;
}

/**
 * Finds what a YAML parser lets through and a reader of plain values trips over: keys that are no plain
 * text or stand twice, aliases of nothing or of themselves, and aliases that multiply ("billion
 * laughs"). Sizes are added up per anchor, so the time is linear in the text however large the
 * expansion would be.
 */
export function checkYaml(document: Document.Parsed): readonly YamlFlaw[] {
  const flaws: YamlFlaw[] = [];
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  let aliased = 0;

  const sizeOfAlias = (source: string, offset: number): number => {
    const size = sizes.get(source);
    if (open.has(source)) flaws.push(aliasFlaw(offset, `*${source} stands inside of itself`));
    else if (size === undefined) flaws.push(aliasFlaw(offset, `&${source} is not set before here`));
    const before = aliased;
    aliased += size ?? 0;
    if (before <= MAX_ALIASED_NODES && aliased > MAX_ALIASED_NODES) {
      const limit = MAX_ALIASED_NODES.toLocaleString('en');
      flaws.push(aliasFlaw(offset, `aliases add more than ${limit} values to the document`));
    }
    return size ?? 1;
  };

  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return sizeOfAlias(node.source, node.range?.[0] ?? 0);
    if (isPair(node)) return sizeOf(node.key) + sizeOf(node.value);
    if (isMap(node)) for (const flaw of checkKeys(node)) flaws.push(flaw);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) open.add(anchor);
    const items: readonly unknown[] = isMap(node) || isSeq(node) ? node.items : [];
    const size = items.reduce<number>((sum, item) => sum + sizeOf(item), 1);
    if (anchor !== undefined) {
      open.delete(anchor);
      sizes.set(anchor, size);
    }
    return size;
  };

  sizeOf(document.contents);
  return flaws;
}

function checkKeys(map: YAMLMap): YamlFlaw[] {
  const keys = new Set<string>();
  return map.items.flatMap(({ key }) => {
    const offset = offsetOf(key);
    if (!isScalar(key)) return [keyFlaw(offset, 'a key is a list, a mapping or an alias')];
    const name = String(key.value);
    if (name === '__proto__') return [keyFlaw(offset, 'this key is reserved')];
    if (keys.has(name)) return [keyFlaw(offset, 'this key stands here twice')];
    keys.add(name);
    return [];
  });
}

function aliasFlaw(offset: number, problem: string): YamlFlaw {
  return {
    code: 'YAML_ALIASES',
    offset,
    problem,
    remedy: 'write the value out where it is needed',
  };
}

function keyFlaw(offset: number, problem: string): YamlFlaw {
  return { code: 'YAML_SYNTAX', offset, problem, remedy: 'use another word as the key' };
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
