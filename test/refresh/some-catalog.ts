import { emptyHashCache } from '../../src/tag/hash-context.ts';
import type { FoundBase, WantedBase } from '../../src/refresh/refresh-bases.ts';
import {
  refreshCatalog,
  tagsOf as tagsOfText,
  type RefreshRequest,
} from '../../src/refresh/refresh-catalog.ts';
import { parseDigest, type Digest } from '../../src/image-reference.ts';
import { APT, CATALOG, CHECKOUT, DISK } from '../catalog/checkout.ts';
import { known } from '../support/fixtures.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { anyFile, serve, type Site } from './publishers/some-site.ts';

export const OLD = digest('a');
export const NEW = digest('b');
export const TODAY = '2026-11-24';

/** `sha256:` and 64 times the same digit. */
export function digest(digit: string): Digest {
  return known(parseDigest(`sha256:${digit.repeat(64)}`));
}

const TREE = memoryTree({ [APT]: CHECKOUT[APT] ?? '', [DISK]: CHECKOUT[DISK] ?? '' });

/** An entry of a catalog with a base, and whatever `more` says in the same flow mapping. */
export function entry(name: string, base: string, more = ''): string {
  return `  - { name: ${name}, distribution: debian, version: "12", context: contexts/apt, base: ${base}${more} }\n`;
}

/** Base → its digest now, for amd64, or what else a registry has. */
type Bases = Readonly<Record<string, Digest | FoundBase>>;

interface Options extends Partial<Pick<RefreshRequest, 'only' | 'dates'>> {
  readonly site?: Site;
}

/** Refreshes a text as the catalog, on `TODAY`. `wanted` are the bases that were looked up. */
export async function refreshed(
  text: string,
  bases: Bases,
  { site = {}, ...options }: Options = {},
) {
  const wanted: WantedBase[] = [];
  const request = { file: CATALOG, text, tree: TREE, only: [], dates: { today: TODAY } };
  const refresh = await refreshCatalog(
    { ...request, ...options },
    {
      findBases: (all) => {
        wanted.push(...all);
        return Promise.resolve(new Map(all.map(({ name }) => [name, foundBase(name, bases)])));
      },
      fetchText: serve(site),
      isThere: anyFile,
    },
  );
  return { ...refresh, wanted };
}

function foundBase(name: string, bases: Bases): FoundBase {
  const known = bases[name] ?? {
    failure: { code: 'BASE_MISSING', problem: `no ${name}`, remedy: 'look' },
  };
  return typeof known === 'string' ? { digest: known, platforms: ['linux/amd64'] } : known;
}

/** Image → immutable tag, of the images whose bases are pinned. */
export function tagsOf(text: string): Record<string, string> {
  return Object.fromEntries(tagsOfText({ file: CATALOG, text, tree: TREE }, emptyHashCache()));
}
