import { parseAllowEntry, type AllowEntry, type Retention } from '../../src/retention/retention.ts';
import { parseRetention } from '../../src/retention/parse-retention.ts';
import type { InventoryVersion } from '../../src/retention/evaluate-policies.ts';
import { type Digest, type Tag, parseDigest, parseTag } from '../../src/image-reference.ts';
import { InvalidInputError, type Problem } from '../../src/problem.ts';

export const FILE = 'config/retention.yml';
export const DAY = 86_400;
export const NOW = new Date('2026-12-01T00:00:00Z');

/** A digest that begins and ends with `text`, which is hexadecimal. */
export function digest(text: string): Digest {
  const parsed = parseDigest(`sha256:${text.padEnd(64, text)}`.slice(0, 71));
  if (parsed === undefined) throw new Error(`not hexadecimal: ${text}`);
  return parsed;
}

export function tag(text: string): Tag {
  const parsed = parseTag(text);
  if (parsed === undefined) throw new Error(`not a tag: ${text}`);
  return parsed;
}

export function entry(text: string): AllowEntry {
  const parsed = parseAllowEntry(text);
  if (parsed === undefined) throw new Error(`not an entry: ${text}`);
  return parsed;
}

/** 90 days, the newest one, 14 days without a tag; nothing else stays unless `changes` say so. */
export function someRetention(changes: Partial<Retention> = {}): Retention {
  return {
    dryRun: true,
    window: 90 * DAY,
    keepNewest: 1,
    untaggedAfter: 14 * DAY,
    keepAliases: [],
    allow: [],
    gracePeriod: 30 * DAY,
    sources: [],
    ...changes,
  };
}

/** Uploaded so many days before NOW. */
export function version(
  packageName: string,
  days: number,
  rest: Partial<InventoryVersion> = {},
): InventoryVersion {
  const uploadedAt = new Date(NOW.getTime() - days * DAY * 1000);
  return { packageName, digest: digest('a'), tags: [], uploadedAt, ...rest };
}

/** What is wrong with a text; empty when nothing is. */
export function problemsOf(text: string): readonly Problem[] {
  try {
    parseRetention(FILE, text);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

/** Makes every change of a value, or of anything in it, throw. Dates can't be frozen; they are left. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
