import fc from 'fast-check';
import { graceMarker } from '../../src/branches/branch-alias.ts';
import type { Need, References, SupportedBranch } from '../../src/branches/references.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { IMAGES, TAGS } from './any-retention.ts';
import { deepFreeze, digest, held, inDays, tag } from './retention-fixture.ts';

/** A branch whose alias is its name. */
export function branch(name: string, source = 'ci'): SupportedBranch {
  const isDefault = name === 'main';
  const commit = 'c'.repeat(40);
  const committedAt = '2026-11-01T00:00:00.000Z';
  return { source, branch: name, commit, committedAt, alias: tag(name), isDefault, found: {} };
}

/** A need that is written in line 3 of a file. */
export function need(of: SupportedBranch, image: string, name?: string): Need {
  const places = [{ file: 'tests/files/some.yml', line: 3 }];
  const isBare = name === undefined;
  return { branch: of, image, places, isBare, tag: isBare ? undefined : tag(name) };
}

const BRANCHES = ['release-1.3', 'release-1.30', 'main'].map((name) => branch(name));

const anyNeed = fc
  .tuple(
    fc.constantFrom(...BRANCHES),
    fc.constantFrom(...IMAGES, 'nobody-has-it'),
    fc.option(fc.constantFrom(...TAGS), { nil: undefined }),
  )
  .map((parts) => need(...parts));

/** Any branches with any needs of images that the registry has, and of some that it has not; frozen. */
export const anyReferences: fc.Arbitrary<References> = fc
  .record({ branches: fc.subarray(BRANCHES), needs: fc.array(anyNeed, { maxLength: 6 }) })
  .map(({ branches, needs }) =>
    deepFreeze({ branches, needs: needs.filter((each) => branches.includes(each.branch)) }),
  );

const MARKERS = [0, 1, 20, 100].map((days) => graceMarker(inDays(-days)));

const anyHeld = fc
  .record({
    image: fc.constantFrom(...IMAGES),
    days: fc.integer({ min: 0, max: 400 }),
    names: fc.subarray([...TAGS, 'main', ...MARKERS], { maxLength: 3 }),
    label: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ image, days, names, label }) =>
    held(image, days, { tags: names, digest: digest(label.toString(16).padStart(8, '0')) }),
  );

/**
 * Any content of a repository: a tag names one version of its package, some versions are parts of an index
 * that is another, and some belong to another; frozen.
 */
export const anyHeldVersions: fc.Arbitrary<readonly HeldVersion[]> = fc
  .tuple(
    fc.uniqueArray(anyHeld, {
      maxLength: 20,
      selector: ({ packageName, digest: name }) => `${packageName}@${name}`,
    }),
    fc.array(fc.nat(19), { maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(19), fc.nat(19), fc.boolean()), { maxLength: 6 }),
  )
  .map(([versions, children, pairs]) =>
    deepFreeze(withSubjects(withIndexes(withOwnTags(versions), children), pairs)),
  );

function withOwnTags(versions: readonly HeldVersion[]): readonly HeldVersion[] {
  return versions.map((each, position) => {
    const before = versions.slice(0, position).filter((v) => v.packageName === each.packageName);
    const taken = new Set(before.flatMap(({ tags }) => tags));
    return { ...each, tags: each.tags.filter((name) => !taken.has(name)) };
  });
}

/** Of each pair, the first becomes a signature of the second, if that is of its package: by a tag, or without. */
function withSubjects(
  versions: readonly HeldVersion[],
  pairs: readonly (readonly [number, number, boolean])[],
): readonly HeldVersion[] {
  return versions.map((each, position) => {
    const [, at = -1, isTagged] = pairs.find(([signature]) => signature === position) ?? [];
    const subject = versions[at];
    if (subject?.packageName !== each.packageName) return each;
    if (isTagged !== true) return { ...each, tags: [], subjects: [subject.digest] };
    return { ...each, tags: [`sha256-${subject.digest.slice(7)}.sig${position}`] };
  });
}

/** Each of the chosen becomes a part of the version before it, if that is of its package. */
function withIndexes(
  versions: readonly HeldVersion[],
  children: readonly number[],
): readonly HeldVersion[] {
  return versions.map((each, position) => {
    const before = versions[position - 1];
    const isPart = children.includes(position) && before?.packageName === each.packageName;
    return isPart ? { ...each, indexes: [before.digest] } : each;
  });
}
