import { parseAllowEntry, type Retention } from '../../src/retention/retention.ts';
import { parseRetention } from '../../src/retention/parse-retention.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { type Digest, parseDigest, parseTag } from '../../src/image-reference.ts';
import { collectProblems, type Problem } from '../../src/problem.ts';
import { known } from '../support/fixtures.ts';

export const FILE = 'config/retention.yml';
export const DAY = 86_400;
export const NOW = new Date('2026-12-01T00:00:00Z');

/** So many days after NOW, or before it. */
export function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * DAY * 1000);
}

export const tag = (text: string) => known(parseTag(text));
export const entry = (text: string) => known(parseAllowEntry(text));

/** A digest that begins and ends with `text`, which is hexadecimal. */
export function digest(text: string): Digest {
  return known(parseDigest(`sha256:${text.padEnd(64, text)}`.slice(0, 71)));
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

/** Uploaded so many days before NOW, of 1000 bytes. */
export function held(
  packageName: string,
  days: number,
  rest: Partial<HeldVersion> = {},
): HeldVersion {
  const uploadedAt = inDays(-days);
  return { packageName, digest: digest('a'), tags: [], uploadedAt, sizeBytes: 1000, ...rest };
}

/** The problems of an InvalidInputError that `run` throws; empty when it throws none. */
export function problemsIn(run: () => unknown): readonly Problem[] {
  const problems: Problem[] = [];
  collectProblems(problems, run);
  return problems;
}

export function problemsOf(text: string): readonly Problem[] {
  return problemsIn(() => parseRetention(FILE, text));
}

/** Makes every change of a value, or of anything in it, throw. Dates can't be frozen; they are left. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
