import pulumi from '@pulumi/pulumi';
import { composeProvenance } from '../../src/attestations/compose-provenance.ts';
import { contentOf, diskRecipe, isBuilt } from '../../src/catalog/image.ts';
import type { PlannedImage } from '../../src/plan/plan-stack.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { done, failed, knownOr, outcomeOf, type Outcome } from '../engine/resources.ts';
import type { PublicationLookup } from '../oci/resources.ts';
import type { Builders } from './builders.ts';
import type { DiskBuild } from './disk-contexts.ts';
import { dockerImageName } from './docker-image.ts';
import { adoptImage, buildImage, type PlatformImageArgs } from './platform-image.ts';

type ByPlatform = Readonly<Record<string, string>>;

/** A version of an image, as this run finds or builds it. */
export interface Version {
  /** The immutable tag. */
  readonly tag: string;
  /** What the tag names; empty where the index is still to be published. */
  readonly digest: string;
  /** Platform → digest. */
  readonly members: ByPlatform;
  /** Platform → the digests of attestations that came with a copy. */
  readonly attested: Readonly<Record<string, readonly string[]>>;
  /** The platforms whose images this run has built. */
  readonly built: readonly string[];
  /** Platform → the tag that its image was looked up by. */
  readonly platformTags: ByPlatform;
  /** The origin that was recorded first. */
  readonly revision: string;
  readonly source: string;
  readonly created: string;
}

interface ParentAndProvider {
  readonly parent: pulumi.Resource;
  /** Of images that are not built. */
  readonly provider: pulumi.ProviderResource | undefined;
}

export type VersionOutcome = pulumi.Output<Outcome<Version>>;

/** The version as the lookup has found it. With `--target` of another resource, it is that of the run before. */
export function foundVersion(publication: PublicationLookup): VersionOutcome {
  const { digest, tag, revision, source, created } = publication;
  // A state from before indexes has neither.
  const members = pulumi.output(knownOr(publication.members, {}));
  const platformTags = pulumi.output(knownOr(publication.platforms, {}));
  const attested = pulumi.output(knownOr(publication.attested, {}));
  const origin = pulumi.all([revision, source, created]);
  const all = pulumi.all([digest, tag, origin, members, platformTags, attested]);
  return outcomeOf(
    all.apply(([named, of, [commit, repository, time], there, tags, statements]): Version => {
      const from = { revision: commit, source: repository, created: time };
      const platforms = { members: there ?? {}, built: [], platformTags: tags ?? {} };
      return { digest: named, tag: of, ...from, ...platforms, attested: statements ?? {} };
    }),
  );
}

/** The disks that a run makes for a version. */
export function disksToBuild(
  image: PlannedImage,
  { digest, members }: Version,
): readonly DiskBuild[] {
  if (image.kind !== 'vm-disk' || digest !== '') return [];
  const missing = image.platforms.filter((platform) => members[platform] === undefined);
  return missing.map((platform) => ({
    name: dockerImageName(image, platform),
    platform,
    recipe: diskRecipe(image, platform),
  }));
}

/** Has the engine read the images of a published version. It knows none of those that were built elsewhere. */
export function adoptVersion(
  image: PlannedImage,
  version: Version,
  options: ParentAndProvider,
): VersionOutcome {
  if (!isBuilt(image)) return pulumi.output(done(version));
  const { tag, digest, members, platformTags } = version;
  const adopted = image.builds.map(({ platform }) => {
    const member = members[platform] ?? digest;
    // What was published without an index has the immutable tag itself.
    const platformTag = member === digest ? tag : (platformTags[platform] ?? tag);
    return adoptImage(image, { platform, tag: platformTag, digest: member }, options);
  });
  return pulumi.all(adopted).apply((outcomes): Outcome<Version> => {
    return outcomes.find((outcome) => outcome.kind === 'failed') ?? done(version);
  });
}

/** Adopts the platforms of a version that are there, and builds the others. */
export function buildVersion(
  args: Omit<PlatformImageArgs, 'build'>,
  version: Version,
  options: ParentAndProvider,
): VersionOutcome {
  const { builds } = args.image;
  const images = builds.map((build) => {
    const digest = version.members[build.platform];
    if (digest !== undefined) return adoptImage(args.image, { ...build, digest }, options);
    return buildImage({ ...args, build }, options.parent);
  });
  return pulumi.all(images).apply((outcomes): Outcome<Version> => {
    const failures: string[] = [];
    const members: [string, string][] = [];
    for (const [at, outcome] of outcomes.entries()) {
      const platform = builds[at]?.platform ?? '';
      if (outcome.kind === 'done') members.push([platform, outcome.value]);
      else failures.push(builds.length === 1 ? outcome.reason : `${platform}: ${outcome.reason}`);
    }
    if (failures.length > 0) return failed(failures.join('; '));
    const built = members.flatMap(([platform]) => (platform in version.members ? [] : platform));
    return done({ ...version, members: Object.fromEntries(members), built });
  });
}

/** The content of the index of a version: its images, their origin, and their attestations. */
export function indexInput(
  image: PlannedImage,
  { tag, members, built, attested, revision, source, created }: Version,
  { pipeline, builders }: { readonly pipeline: string; readonly builders: Builders },
) {
  const annotations = {
    'org.opencontainers.image.title': image.name,
    'org.opencontainers.image.version': image.version,
    'org.opencontainers.image.revision': revision,
    'org.opencontainers.image.source': source,
    'org.opencontainers.image.created': created,
    [INPUTS_LABEL]: tag,
  };
  const known = Object.entries(annotations).filter(([, value]) => value !== '');
  const attestations = image.builds.map((build) => {
    const isEarlier = isBuilt(image) && !built.includes(build.platform);
    const run = { revision, source, pipeline, created, isEarlier };
    const attestation = {
      kind: contentOf(image),
      provenance: composeProvenance(image, build, run),
      engine: builders.addressFor(dockerImageName(image, build.platform), build.platform),
    };
    return [build.platform, attestation] as const;
  });
  return {
    tag,
    members,
    annotations: Object.fromEntries(known),
    attestations: Object.fromEntries(attestations),
    ...(Object.keys(attested).length > 0 && { attested }),
  };
}
