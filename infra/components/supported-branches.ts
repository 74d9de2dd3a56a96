import pulumi from '@pulumi/pulumi';
import { branchRecords } from '../../src/branches/compare-branches.ts';
import {
  formatVersion,
  type FoundReferences,
  type References,
} from '../../src/branches/references.ts';
import {
  aliasPrefix,
  neededTags,
  withoutLatest,
  type NeededTags,
} from '../../src/branches/needs.ts';
import { LATEST, type Digest, type Repository } from '../../src/image-reference.ts';
import { sourceTagOf, type PlannedImage } from '../../src/plan/plan-stack.ts';
import { expectedCounts, largerCounts, withAttachments } from '../../src/retention/attachments.ts';
import {
  type CleanupPolicy,
  compilePolicies,
  TooManyPoliciesError,
} from '../../src/retention/compile-policies.ts';
import { digestWarning, ordered } from '../../src/retention/keep-lists.ts';
import type { Retention } from '../../src/retention/retention.ts';
import type { Settings } from '../../src/settings/settings.ts';
import {
  childOptions,
  knownOr,
  outcomeOf,
  silenceRepeatedErrors,
  type Outcome,
} from '../engine/resources.ts';
import { BranchAliases, ReferencedVersions } from '../oci/resources.ts';
import type { PublishedImage } from './published-image.ts';

interface BranchPoliciesArgs {
  readonly settings: Settings;
  readonly retention: Retention;
  readonly references: References & Pick<FoundReferences, 'pinLines'>;
  readonly images: readonly PlannedImage[];
}

interface BranchPolicies {
  readonly cleanupPolicies: pulumi.Output<readonly CleanupPolicy[]>;
  /** Image → alias → digest, for the branches that name the image without a version. */
  readonly pins: ReferencedVersions['pins'];
}

/**
 * Declares `ReferencedVersions`, and compiles its output `digests` into the clean-up policies that protect the
 * versions which supported branches need. Throws before the repository, an image or an alias changes when the
 * registry does not say which versions these are: policies that do not list a needed version would delete it. Where
 * others own the registry, there are no policies to compile.
 */
export async function branchPolicies(
  { settings, retention, references, images }: BranchPoliciesArgs,
  options: pulumi.CustomResourceOptions,
): Promise<BranchPolicies> {
  const { registry, repositoryPrefix } = settings;
  const { gracePeriod } = retention;
  const tags = new Map(images.map(({ name, tag }) => [name, tag]));
  const needs = withoutLatest(neededTags(references), tags);
  const aliases = references.branches.map(({ alias }) => aliasPrefix(alias));
  const allowed = retention.allow.filter(
    ({ tag, digest }) => tag !== undefined || digest !== undefined,
  );
  const sourceTags = images.flatMap((image) => {
    const tag = sourceTagOf(image, references.branches);
    return tag === undefined ? [] : [`${image.name}:${tag}`];
  });
  const names = [...images.map(({ name }) => name), ...Object.keys(needs)];
  const referenced = new ReferencedVersions(
    'referenced-versions',
    {
      registry,
      repositoryPrefix,
      gracePeriod,
      needs,
      images: [...new Set(names)].sort(),
      branches: branchRecords(references.branches),
      accept: retention.sources.flatMap(({ accept }) => accept),
      pinLines: references.pinLines,
      keep: ordered([...retention.keepAliases, ...aliases, ...allowed.map(formatVersion)]),
      sourceTags: sourceTags.length === 0 ? undefined : sourceTags,
    },
    options,
  );
  silenceRepeatedErrors(referenced);
  const outcome = await new Promise<Outcome<string>>((resolve) => {
    outcomeOf(referenced.urn).apply(resolve);
  });
  if (outcome.kind === 'failed') {
    throw new pulumi.RunError(
      'what the supported branches need is refused, or could not be read, see referenced-versions: no policy is changed',
    );
  }
  if (settings.destination.kind !== 'managed') {
    return { cleanupPolicies: pulumi.output([]), pins: referenced.pins };
  }
  const others = [
    await knownOr(referenced.mostAttachments, 0),
    await knownOr(referenced.looseAttachments, false),
    await knownOr(referenced.mostMembers, 0),
    await knownOr(referenced.attachmentsOfOne, 0),
    await knownOr(referenced.versions, []),
    await knownOr(referenced.unreferenced, []),
  ] as const;
  const known = pulumi.all([referenced.digests, ...others]);
  const cleanupPolicies = known.apply(([found, most = 0, areLoose = false, ...rest]) => {
    const [mostMembers = 0, mostOfOne = 0, needed, inGrace] = rest;
    const counts = largerCounts(
      { most, areLoose, mostOfOne, mostMembers },
      expectedCounts(images, settings.signing !== undefined),
    );
    try {
      const counted = withAttachments(retention, counts);
      const kept = { aliases, digests: found as Digest[] };
      const policies = compilePolicies(counted, kept);
      const warning = digestWarning(retention, kept, {
        needed: needed.flatMap(({ digest }) => digest ?? []),
        inGrace: inGrace.map(({ digest }) => digest),
      });
      if (warning !== undefined) void pulumi.log.warn(warning);
      return policies;
    } catch (error) {
      if (error instanceof TooManyPoliciesError) throw new pulumi.RunError(error.message);
      throw error;
    }
  });
  return { cleanupPolicies, pins: referenced.pins };
}

interface SupportedBranchesArgs {
  readonly needs: NeededTags;
  readonly registry: string;
  readonly repositoryPrefix: Repository;
  /** Image → alias → digest, of pins that are known. */
  readonly pins: ReferencedVersions['pins'];
  /** The images of the catalog, by name. The aliases of other images depend on what the component depends on. */
  readonly published: ReadonlyMap<string, Pick<PublishedImage, 'settled' | 'latest' | 'adopt'>>;
}

/**
 * At each image that a supported branch needs, a tag that stands for the branch. The branch's name pulls what
 * the branch needs, and keeps it whatever happens to its other tags.
 */
export class SupportedBranches extends pulumi.ComponentResource {
  /** Image → alias → digest; without those of aliases that could not be pointed. */
  readonly digests: ReadonlyMap<string, pulumi.Output<Readonly<Record<string, string>>>>;

  constructor(
    name: string,
    { needs, registry, repositoryPrefix, pins, published }: SupportedBranchesArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:SupportedBranches', name, {}, options);
    const digests = new Map<string, pulumi.Output<Readonly<Record<string, string>>>>();
    const unmet = Object.entries(needs).map(([image, tags]) => {
      const component = published.get(image);
      const aliases = Object.fromEntries(
        Object.entries(tags).map(([alias, tag]): [string, pulumi.Input<string>] => {
          if (tag === '') return [alias, pins.apply((known) => known[image]?.[alias] ?? '')];
          // An alias of `latest` moves in the same run as `latest` itself.
          return [alias, (tag === LATEST ? component?.latest : undefined) ?? tag];
        }),
      );
      const { parent, dependsOn } = childOptions(this, options);
      const branches = new BranchAliases(
        `${image}-branches`,
        {
          registry,
          repository: `${repositoryPrefix}/${image}`,
          // One output for all would be unknown in a preview where any of them is.
          aliases,
          adopt: component?.adopt,
        },
        {
          parent,
          dependsOn: component?.settled ?? dependsOn,
          // Branches go on pulling by these tags when the stack is gone.
          retainOnDelete: true,
        },
      );
      silenceRepeatedErrors(branches);
      const found = outcomeOf(branches.digests);
      digests.set(
        image,
        found.apply((outcome) => (outcome.kind === 'done' ? outcome.value : undefined) ?? {}),
      );
      return found.apply((outcome) => {
        // A resource that failed says why by itself.
        const met = (outcome.kind === 'done' ? outcome.value : undefined) ?? tags;
        const missing = Object.keys(tags).filter((alias) => !(alias in met));
        return missing.length === 0 ? [] : [`${image} (${missing.join(', ')})`];
      });
    });
    this.digests = digests;
    // A preview does not know what the run will publish. The run ends after the outputs of its components.
    const isPreview = pulumi.runtime.isDryRun();
    this.registerOutputs(
      isPreview ? {} : pulumi.all(unmet).apply((all) => reportUnmet(all.flat(), this)),
    );
  }
}

/** One list, however many images there are: on the first day these may be most of them. */
async function reportUnmet(images: readonly string[], resource: pulumi.Resource) {
  if (images.length === 0) return {};
  const list = images.join('; ');
  const message = `the registry does not have all versions that branches need; their aliases come with them: ${list}`;
  await pulumi.log.info(message, resource);
  return {};
}
