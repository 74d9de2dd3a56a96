import { emptyHashCache } from '../../src/tag/hash-context.ts';
import { catalogTags } from '../../src/refresh/catalog-tags.ts';
import type { FoundBase, LookUpBases, WantedBase } from '../../src/refresh/refresh-bases.ts';
import { refreshCatalog, type RefreshRequest } from '../../src/refresh/refresh-catalog.ts';
import type { Ask } from '../../src/refresh/publishers/publisher.ts';
import { parseDigest, type Digest } from '../../src/image-reference.ts';
import { APT, CATALOG, CHECKOUT } from '../catalog/checkout.ts';
import { memoryTree } from '../support/memory-tree.ts';

export const OLD = digest('a');
export const NEW = digest('b');
export const TODAY = '2026-11-24';

/** `sha256:` and 64 times the same digit. */
export function digest(digit: string): Digest {
  const found = parseDigest(`sha256:${digit.repeat(64)}`);
  if (found === undefined) throw new Error(`${digit} is no digit`);
  return found;
}

export const TREE = memoryTree({ [APT]: CHECKOUT[APT] ?? '' });

/** An entry of a catalog with a base, and whatever `more` says in the same flow mapping. */
export function entry(name: string, base: string, more = ''): string {
  return `  - { name: ${name}, distribution: debian, version: "12", context: contexts/apt, base: ${base}${more} }\n`;
}

/** A registry that has what `upstream` says, for amd64 unless it says more, and writes down what it is asked. */
export function upstreamOf(upstream: Readonly<Record<string, Digest | FoundBase>>): {
  readonly lookUp: LookUpBases;
  readonly ask: Ask;
  readonly asked: WantedBase[];
} {
  const asked: WantedBase[] = [];
  const answer = ({ name }: WantedBase): FoundBase => {
    const known = upstream[name];
    if (known === undefined) {
      return { failure: { code: 'BASE_MISSING', problem: `no ${name}`, remedy: 'look' } };
    }
    return typeof known === 'string' ? { digest: known, platforms: ['linux/amd64'] } : known;
  };
  return {
    asked,
    ask: () => Promise.resolve(undefined),
    lookUp: (wanted) => {
      asked.push(...wanted);
      return Promise.resolve(new Map(wanted.map((base) => [base.name, answer(base)])));
    },
  };
}

/** Refreshes a text as the catalog; by default all of it, on `TODAY`, moving no snapshot. */
export function refreshed(
  text: string,
  upstream: Readonly<Record<string, Digest | FoundBase>>,
  options: Partial<Pick<RefreshRequest, 'only' | 'dates'>> = {},
) {
  const request = { file: CATALOG, text, tree: TREE, only: [], dates: { today: TODAY } };
  return refreshCatalog({ ...request, ...options }, upstreamOf(upstream));
}

/** Image → immutable tag, of the images whose bases are pinned. */
export function tagsOf(text: string): Record<string, string> {
  const { tags, problems } = catalogTags({ file: CATALOG, text, tree: TREE }, emptyHashCache());
  if (problems.length > 0) throw new Error(problems.map(({ code }) => code).join());
  return Object.fromEntries(tags);
}
