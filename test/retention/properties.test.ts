import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import { NO_BRANCHES, type KeptForBranches } from '../../src/retention/keep-lists.ts';
import { evaluatePolicies, type InventoryVersion } from '../../src/retention/evaluate-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { anyInventory, anyKeptForBranches, anyRetention } from './any-retention.ts';
import { DAY, NOW } from './retention-fixture.ts';

interface Inputs {
  readonly retention: Retention;
  readonly kept: KeptForBranches;
  readonly versions: readonly InventoryVersion[];
}

/** Checks for any inputs, all of which are frozen. `times` is any number, and `more` any others to keep. */
function forAll(check: (inputs: Inputs, times: number, more: KeptForBranches) => void): void {
  const inputs = fc.record({
    retention: anyRetention,
    kept: anyKeptForBranches,
    versions: anyInventory,
  });
  fc.assert(fc.property(inputs, fc.nat(100), anyKeptForBranches, check));
}

function deletedBy({ retention, kept, versions }: Inputs): readonly InventoryVersion[] {
  const verdicts = evaluatePolicies(compilePolicies(retention, kept), versions, NOW);
  return verdicts.flatMap(({ action, version }) => (action === 'delete' ? version : []));
}

function isPastItsTime({ tags, uploadedAt }: InventoryVersion, { retention }: Inputs): boolean {
  const age = (NOW.getTime() - uploadedAt.getTime()) / 1000;
  return age > (tags.length > 0 ? retention.window : retention.untaggedAfter);
}

function isNewest(version: InventoryVersion, { retention, versions }: Inputs): boolean {
  const newer = versions.filter(
    ({ packageName, uploadedAt }) =>
      packageName === version.packageName && uploadedAt > version.uploadedAt,
  );
  return newer.length < retention.keepNewest;
}

type Property = (version: InventoryVersion, inputs: Inputs) => boolean;

test.each<[string, Property]>([
  [
    'what is allowed, by image, tag or digest',
    ({ packageName, tags, digest }, { retention }) =>
      retention.allow.some(
        (entry) =>
          entry.image === packageName &&
          (entry.tag === undefined || tags.includes(entry.tag)) &&
          (entry.digest === undefined || entry.digest === digest),
      ),
  ],
  [
    'what an alias names',
    ({ tags }, { retention }) => retention.keepAliases.some((alias) => tags.includes(alias)),
  ],
  [
    'what a supported branch needs, by digest or alias',
    ({ tags, digest }, { kept: { aliases, digests } }) =>
      digests.some((each) => each === digest) || aliases.some((each) => tags.includes(each)),
  ],
  ['one of the newest of its image', isNewest],
  ['what is younger than its time', (version, inputs) => !isPastItsTime(version, inputs)],
])('never deleted is %s', (_, isKept) => {
  forAll((inputs) => {
    expect(deletedBy(inputs).filter((version) => isKept(version, inputs))).toEqual([]);
  });
});

test('deleted is everything past its time that nothing keeps', () => {
  forAll(({ retention: drawn, versions }) => {
    const retention = { ...drawn, keepAliases: [], allow: [] };
    const inputs = { retention, kept: NO_BRANCHES, versions };
    const due = versions.filter((each) => isPastItsTime(each, inputs) && !isNewest(each, inputs));
    expect(deletedBy(inputs)).toEqual(due);
  });
});

test.each<[string, (inputs: Inputs, times: number, more: KeptForBranches) => Partial<Inputs>]>([
  ...(['window', 'untaggedAfter', 'keepNewest'] as const).map((key) => {
    const step = key === 'keepNewest' ? 1 : DAY;
    const enlarge = ({ retention }: Inputs, times: number) => {
      return { retention: { ...retention, [key]: retention[key] + times * step } };
    };
    return [`a larger ${key}`, enlarge] as [string, typeof enlarge];
  }),
  [
    'more branches and more that they need',
    ({ kept: { aliases, digests } }, _, more) => {
      const all = [...digests, ...more.digests];
      return { kept: { aliases: [...aliases, ...more.aliases], digests: all } };
    },
  ],
])('never is more deleted by %s', (_, change) => {
  forAll((inputs, times, more) => {
    const before = new Set(deletedBy(inputs));
    const after = deletedBy({ ...inputs, ...change(inputs, times, more) });
    expect(after.filter((each) => !before.has(each))).toEqual([]);
  });
});

describe('the policies are the same', () => {
  test('in a dry run and without', () => {
    forAll(({ retention, kept }) => {
      const [dry, real] = [true, false].map((dryRun) =>
        compilePolicies({ ...retention, dryRun }, kept),
      );
      expect(dry).toEqual(real);
    });
  });

  test('in whichever order, and however often, entries are written', () => {
    const shuffledTwice = <Item>(items: readonly Item[]) =>
      fc.shuffledSubarray([...items, ...items], { minLength: 2 * items.length });
    const written = fc.tuple(anyRetention, anyKeptForBranches).chain(([retention, kept]) =>
      fc.record({
        retention: fc.constant(retention),
        kept: fc.constant(kept),
        allow: shuffledTwice(retention.allow),
        keepAliases: shuffledTwice(retention.keepAliases),
        aliases: shuffledTwice(kept.aliases),
        digests: shuffledTwice(kept.digests),
      }),
    );
    fc.assert(
      fc.property(written, ({ retention, kept, allow, keepAliases, aliases, digests }) => {
        const other = compilePolicies({ ...retention, allow, keepAliases }, { aliases, digests });
        expect(JSON.stringify(other)).toBe(JSON.stringify(compilePolicies(retention, kept)));
      }),
    );
  });
});
