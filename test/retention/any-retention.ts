import fc from 'fast-check';
import type { InventoryVersion } from '../../src/retention/evaluate-policies.ts';
import type { KeptForBranches } from '../../src/retention/keep-lists.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { deepFreeze, DAY, digest, entry, tag, held } from './retention-fixture.ts';

// Few of each and prefixes of one another, so that entries and versions meet, rightly and wrongly.
export const IMAGES = ['debian-1', 'debian-12', 'rockylinux-10', 'rockylinux-10-extra'];
export const TAGS = ['latest', 'latest-old', 'release-1.3', 'release-1.30', 'v13', '0abc', '0abcd'];
const DIGESTS = ['1', '2', '3', 'a', 'b', 'ab'].map(digest);

const anyEntry = fc
  .tuple(
    fc.constantFrom(...IMAGES),
    fc.oneof(
      fc.constant(''),
      fc.constantFrom(...TAGS).map((each) => `:${each}`),
      fc.constantFrom(...DIGESTS).map((each) => `@${each}`),
    ),
  )
  .map(([image, rest]) => entry(image + rest));

/** Any retention that is short enough for ten policies; frozen. */
export const anyRetention: fc.Arbitrary<Retention> = fc
  .record({
    dryRun: fc.boolean(),
    window: fc.integer({ min: 1, max: 365 }).map((days) => days * DAY),
    keepNewest: fc.integer({ min: 1, max: 4 }),
    untaggedAfter: fc.integer({ min: 1, max: 365 }).map((days) => days * DAY),
    keepAliases: fc.subarray(TAGS.map(tag), { maxLength: 3 }),
    allow: fc.array(anyEntry, { maxLength: 4 }),
    gracePeriod: fc.integer({ min: 1, max: 365 }).map((days) => days * DAY),
    sources: fc.constant([]),
  })
  .map(deepFreeze);

/** Aliases of any branches and digests of any versions; frozen. */
export const anyKeptForBranches: fc.Arbitrary<KeptForBranches> = fc
  .record({
    aliases: fc.subarray(TAGS.map(tag), { maxLength: 2 }),
    digests: fc.subarray(DIGESTS, { maxLength: 3 }),
  })
  .map(deepFreeze);

const anyVersion = fc
  .record({
    image: fc.constantFrom(...IMAGES),
    days: fc.integer({ min: 0, max: 400 }),
    tags: fc.subarray(TAGS, { maxLength: 2 }),
    digest: fc.constantFrom(...DIGESTS),
  })
  .map(({ image, days, ...rest }) => held(image, days, rest));

/** Any content of a repository, a digest once in each package; frozen. */
export const anyInventory: fc.Arbitrary<readonly InventoryVersion[]> = fc
  .uniqueArray(anyVersion, {
    maxLength: 24,
    selector: ({ packageName, digest: name }) => `${packageName}@${name}`,
  })
  .map(deepFreeze);
