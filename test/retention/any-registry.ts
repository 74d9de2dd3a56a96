import fc from 'fast-check';
import type { Digest } from '../../src/image-reference.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { digest, held } from './retention-fixture.ts';

/** A version as a registry has it: an index knows its members. */
type Pushed = HeldVersion & { readonly members: readonly Named[] };
type Named = NonNullable<HeldVersion['members']>[number];

/** What happens to a registry, in the order in which it happens. Numbers choose among what there is. */
const anyStep = fc.record({
  kind: fc.constantFrom('image', 'index', 'index', 'index', 'sign', 'refer', 'referrers', 'delete'),
  image: fc.constantFrom('debian-1', 'debian-12'),
  /** Of an index: its members that are pushed for it; the others it shares with what is there. */
  members: fc.integer({ min: 0, max: 3 }),
  shared: fc.integer({ min: 0, max: 2 }),
  chosen: fc.nat(99),
  /** Days since the step before. */
  days: fc.integer({ min: 0, max: 40 }),
  isTagged: fc.boolean(),
  /** Of an index: whether each member that is pushed for it has an attestation. */
  isAttested: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * The content of a repository that images were pushed to, as indexes and without, with attachments of all kinds.
 * Somebody has deleted some: not what an index named, which the registry holds. No two have the same time.
 */
export const anyRegistry: fc.Arbitrary<readonly HeldVersion[]> = fc
  .array(anyStep, { minLength: 4, maxLength: 30 })
  .map((steps) => {
    let versions: readonly Pushed[] = [];
    let days = steps.reduce((sum, step) => sum + step.days, 1);
    let pushed = 0;

    function push(image: string, rest: Partial<Pushed> = {}): Digest {
      pushed += 1;
      const own = digest(pushed.toString(16).padStart(4, '0'));
      // A second later than the version before.
      const age = days - pushed / 86_400;
      versions = [...versions, { ...held(image, age), members: [], ...rest, digest: own }];
      return own;
    }

    function tagFor(isTagged: boolean, text: string): readonly string[] {
      return isTagged ? [text] : [];
    }

    function pushIndex(
      { image, members, shared, chosen, isTagged, isAttested }: Step,
      tags: readonly string[],
    ) {
      const isOld = ({ packageName }: Pushed) => packageName === image;
      const old = versions.filter(isOld).map((version) => version.digest);
      const others = old.slice(chosen % (old.length + 1)).slice(0, shared);
      const made = Array.from({ length: members }, (_, at) =>
        push(image, { tags: tagFor(isTagged, `${'ab'.repeat(16)}-linux-arch${pushed}${at}`) }),
      );
      const about = isAttested ? made.map((each) => push(image, { subjects: [each] })) : [];
      const named = [...others, ...made].map((each) => ({ digest: each, platform: 'linux/amd64' }));
      const attestations = about.map((each): Named => ({ digest: each, platform: undefined }));
      push(image, { tags, members: [...named, ...attestations] });
    }

    for (const step of steps) {
      days -= step.days;
      const { kind, image, chosen, isTagged } = step;
      const ofImage = versions.filter(({ packageName }) => packageName === image);
      const subject = ofImage[chosen % Math.max(ofImage.length, 1)];
      if (kind === 'image') push(image, { tags: tagFor(isTagged, `v${pushed}`) });
      else if (kind === 'index') pushIndex(step, tagFor(isTagged, `v${pushed}`));
      else if (subject === undefined) continue;
      else if (kind === 'sign') push(image, { tags: [`sha256-${subject.digest.slice(7)}.sig`] });
      else if (kind === 'refer') push(image, { tags: [], subjects: [subject.digest] });
      else if (kind === 'referrers')
        pushIndex({ ...step, shared: 0 }, [`sha256-${subject.digest.slice(7)}`]);
      else if (!isNamed(subject, versions)) versions = versions.filter((each) => each !== subject);
    }
    return versionsWithIndexes(versions);
  });

function isNamed({ packageName, digest: own }: Pushed, versions: readonly Pushed[]): boolean {
  return versions.some(
    (index) =>
      index.packageName === packageName && index.members.some((each) => each.digest === own),
  );
}

/** The versions with the indexes that name them, as a look at the registry finds them. */
function versionsWithIndexes(versions: readonly Pushed[]): readonly HeldVersion[] {
  return versions.map((version) => {
    const naming = versions.filter(
      ({ packageName, members }) =>
        packageName === version.packageName &&
        members.some((member) => member.digest === version.digest),
    );
    const indexes = naming.map((index) => index.digest);
    // Nobody reads the subject of a member.
    const subjects = indexes.length > 0 ? [] : (version.subjects ?? []);
    return { ...version, indexes, subjects };
  });
}
