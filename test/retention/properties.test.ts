import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { NO_PROTECTION, type Protection } from '../../src/retention/keep-lists.ts';
import { evaluatePolicies, type InventoryVersion } from '../../src/retention/evaluate-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { anyInventory, anyProtection, anyRetention } from './any-retention.ts';
import { DAY, NOW } from './retention-fixture.ts';

function deletedBy(
  retention: Retention,
  protection: Protection,
  versions: readonly InventoryVersion[],
): readonly InventoryVersion[] {
  return evaluatePolicies(compilePolicies(retention, protection), versions, NOW)
    .filter(({ action }) => action === 'delete')
    .map((verdict) => verdict.version);
}

/** Checks what is deleted, for any retention, protection and inventory. */
function forAll(
  check: (
    retention: Retention,
    versions: readonly InventoryVersion[],
    deleted: readonly InventoryVersion[],
    protection: Protection,
  ) => void,
): void {
  fc.assert(
    fc.property(anyRetention, anyProtection, anyInventory, (retention, protection, versions) => {
      check(retention, versions, deletedBy(retention, protection, versions), protection);
    }),
  );
}

function ageOf({ uploadedAt }: InventoryVersion): number {
  return (NOW.getTime() - uploadedAt.getTime()) / 1000;
}

/** How many versions of its image are newer. */
function rankOf(version: InventoryVersion, versions: readonly InventoryVersion[]): number {
  return versions.filter(
    ({ packageName, uploadedAt }) =>
      packageName === version.packageName && uploadedAt > version.uploadedAt,
  ).length;
}

describe('never deleted is', () => {
  test('what is allowed, by image, tag or digest', () => {
    forAll(({ allow }, _, deleted) => {
      const allowed = deleted.filter(({ packageName, tags, digest }) =>
        allow.some(
          (entry) =>
            entry.image === packageName &&
            (entry.tag === undefined || tags.includes(entry.tag)) &&
            (entry.digest === undefined || entry.digest === digest),
        ),
      );
      expect(allowed).toEqual([]);
    });
  });

  test('what an alias names', () => {
    forAll(({ keepAliases }, _, deleted) => {
      expect(deleted.filter(({ tags }) => keepAliases.some((a) => tags.includes(a)))).toEqual([]);
    });
  });

  test('what a supported branch needs, by digest or alias', () => {
    forAll((_, __, deleted, { aliases, digests }) => {
      const needed = deleted.filter(
        ({ tags, digest }) =>
          digests.some((each) => each === digest) || aliases.some((each) => tags.includes(each)),
      );
      expect(needed).toEqual([]);
    });
  });

  test('one of the newest of its image', () => {
    forAll(({ keepNewest }, versions, deleted) => {
      expect(deleted.filter((each) => rankOf(each, versions) < keepNewest)).toEqual([]);
    });
  });

  test('what is younger than its time', () => {
    forAll(({ window, untaggedAfter }, _, deleted) => {
      const limitOf = ({ tags }: InventoryVersion) => (tags.length > 0 ? window : untaggedAfter);
      expect(deleted.filter((each) => ageOf(each) <= limitOf(each))).toEqual([]);
    });
  });
});

describe('deleted is', () => {
  test('everything past its time that nothing keeps', () => {
    fc.assert(
      fc.property(anyRetention, anyInventory, (any, versions) => {
        const retention = { ...any, keepAliases: [], allow: [] };
        const limitOf = ({ tags }: InventoryVersion) =>
          tags.length > 0 ? retention.window : retention.untaggedAfter;
        const due = versions.filter(
          (each) => ageOf(each) > limitOf(each) && rankOf(each, versions) >= retention.keepNewest,
        );
        expect(deletedBy(retention, NO_PROTECTION, versions)).toEqual(due);
      }),
    );
  });

  test.each(['window', 'untaggedAfter', 'keepNewest'] as const)(
    'never more with a larger %s',
    (key) => {
      const more = { window: DAY, untaggedAfter: DAY, keepNewest: 1 }[key];
      fc.assert(
        fc.property(
          anyRetention,
          anyProtection,
          anyInventory,
          fc.nat(100),
          (retention, protection, versions, times) => {
            const larger = { ...retention, [key]: retention[key] + times * more };
            const before = new Set(deletedBy(retention, protection, versions));
            const after = deletedBy(larger, protection, versions);
            expect(after.filter((each) => !before.has(each))).toEqual([]);
          },
        ),
      );
    },
  );
});

test('more branches, and more that they need, never delete more', () => {
  fc.assert(
    fc.property(
      anyRetention,
      anyProtection,
      anyProtection,
      anyInventory,
      (retention, some, others, versions) => {
        const more = {
          aliases: [...some.aliases, ...others.aliases],
          digests: [...some.digests, ...others.digests],
        };
        const before = new Set(deletedBy(retention, some, versions));
        const after = deletedBy(retention, more, versions);
        expect(after.filter((each) => !before.has(each))).toEqual([]);
      },
    ),
  );
});

// Every arbitrary value is frozen, and a change of it would throw.
describe('the policies are the same', () => {
  test('in a dry run and without', () => {
    fc.assert(
      fc.property(anyRetention, anyProtection, (retention, protection) => {
        const [dry, real] = [true, false].map((dryRun) =>
          compilePolicies({ ...retention, dryRun }, protection),
        );
        expect(dry).toEqual(real);
      }),
    );
  });

  test('in whichever order, and however often, entries are written', () => {
    const shuffled = <Item>(items: readonly Item[]) =>
      fc.shuffledSubarray([...items, ...items.slice(0, 1)], { minLength: items.length });
    const twice = anyRetention.chain((retention) =>
      fc.record({
        retention: fc.constant(retention),
        allow: fc.shuffledSubarray([...retention.allow], { minLength: retention.allow.length }),
        keepAliases: shuffled(retention.keepAliases).map((some) => [
          ...some,
          ...retention.keepAliases,
        ]),
      }),
    );
    fc.assert(
      fc.property(twice, anyProtection, ({ retention, allow, keepAliases }, protection) => {
        const other = { ...retention, allow: [...allow, ...allow], keepAliases };
        const reversed = {
          aliases: protection.aliases.toReversed(),
          digests: [...protection.digests.toReversed(), ...protection.digests],
        };
        expect(JSON.stringify(compilePolicies(other, reversed))).toBe(
          JSON.stringify(compilePolicies(retention, protection)),
        );
      }),
    );
  });
});
