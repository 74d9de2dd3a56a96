import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { contentOf, DEFAULT_PLATFORM, isBuilt } from '../../src/catalog/image.ts';
import { LATEST, formatImageReference, type Digest, type Tag } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedImage } from '../../src/plan/plan-stack.ts';
import type { Provenance } from '../../src/plan/provenance.ts';
import type { Signer } from '../../src/settings/signers.ts';
import { ALREADY_REPORTED } from '../engine/errors.ts';
import {
  childOptions,
  failed,
  knownOr,
  outcomeOf,
  silenceRepeatedErrors,
  settled,
  type Outcome,
} from '../engine/resources.ts';
import { Alias, PublicationLookup, Verification } from '../oci/resources.ts';
import type { DeclaredPlace } from './artifact-repository.ts';
import type { DiskBuild } from './disk-contexts.ts';
import { dockerImageName } from './docker-image.ts';
import {
  adoptVersion,
  buildVersion,
  disksToBuild,
  foundVersion,
  indexInput,
  type Version,
  type VersionOutcome,
} from './image-version.ts';
import type { PlatformImageArgs } from './platform-image.ts';

interface PublishedImageArgs extends Pick<
  PlatformImageArgs,
  'openDisk' | 'buildTimeouts' | 'builders'
> {
  readonly image: PlannedImage;
  /** A tag of the image that goes with `latest`: the one that a copy has at its source. */
  readonly sourceTag?: Tag | undefined;
  /**
   * While its id is unknown (in a preview of the run that creates it), the registry gets no request. After
   * its failure nothing is built, since it could not be pushed; a published image stays adopted.
   */
  readonly destination: Pick<DeclaredPlace, 'resourceId' | 'outcome'>;
  readonly provenance: Provenance;
  /** Seconds within which the image must come up before `latest` moves; absent when it moves at once. */
  readonly verifyTimeout: number | undefined;
  /** Who signs the image, as one of them; absent where nobody does. */
  readonly signedBy?: readonly Signer[] | undefined;
  /** Whose images are adopted; absent where their labels decide. */
  readonly adoptedFrom?: readonly Signer[] | undefined;
}

/** A stack output: what a CI job needs to use an image. */
interface PublishedImageOutput {
  /** `registry/repository@digest`: this very image, whatever happens to tags. */
  readonly reference: string;
  readonly repository: string;
  readonly digest: string;
  /** The immutable tag. */
  readonly tag: string;
  /** `latest`, and the tag that a copy has at its source, where they name this version; no aliases of branches. */
  readonly aliases: readonly string[];
}

/**
 * One image of the catalog, with the alias `latest`. Its immutable tag names an index of the images of its platforms.
 *
 * The `PublicationLookup` decides. For a platform whose image the registry does not have, the engine creates a
 * `docker.Image`: it builds and pushes. For one that the registry has, the engine reads the same
 * `docker.Image` and does not own it, so that no difference in the build context pushes again under a tag that
 * must not move. In the run after its publication, a created image becomes one that is read, which the engine
 * counts as no change. The `Alias` publishes the index once all platforms are there.
 *
 * An image that was built elsewhere has no `docker.Image`: the lookup copies it.
 *
 * The `docker.Image` is declared inside an `apply`. The usual advice against this is that previews do not show
 * resources of an unknown value. Previews know this value: the lookup reads, and its place is always known.
 *
 * After a failure the run goes on and fails at its end. The alias stays registered, so that the engine does
 * not delete it, and stays where it is.
 */
export class PublishedImage extends pulumi.ComponentResource {
  /** Absent when the image could not be published in this run; the engine has printed the reason then. */
  readonly output: pulumi.Output<PublishedImageOutput | undefined>;
  /** For `dependsOn`: the aliases, which are the last resources of the component. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  /** The VM disks that this run builds. A failed lookup builds none. */
  readonly disksToBuild: pulumi.Output<readonly DiskBuild[]>;

  private readonly args: PublishedImageArgs;
  private readonly alias: Alias;

  constructor(name: string, args: PublishedImageArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:PublishedImage', name, {}, options);
    this.args = args;
    const { registry, repository, tag, inputs, adopt, builds } = args.image;
    const { sourceTag } = args;
    const own = sourceTag === undefined ? [LATEST] : [LATEST, sourceTag];
    const registryId = args.destination.resourceId;
    const platforms = Object.fromEntries(builds.map((build) => [build.platform, build.tag]));
    const publication = new PublicationLookup(
      name,
      {
        registry,
        repository,
        tag,
        platforms,
        registryId,
        inputs,
        adopt,
        ...args.provenance,
        signers: args.adoptedFrom,
        base: builds.length > 1 ? baseOf(args.image) : undefined,
        from: isBuilt(args.image) ? undefined : formatImageReference(args.image.from),
      },
      childOptions(this, options),
    );
    silenceRepeatedErrors(publication);
    const found = foundVersion(publication);
    this.disksToBuild = found.apply((outcome) =>
      outcome.kind === 'done' ? disksToBuild(args.image, outcome.value) : [],
    );
    const version = pulumi
      .all([found, args.destination.outcome])
      .apply(([outcome, { kind }]) => this.publish(outcome, publication, kind === 'done'))
      .apply(async (outcome) => {
        if (outcome.kind === 'failed') await this.report(outcome.reason);
        return outcome;
      });
    const isVerified = args.verifyTimeout === undefined ? true : this.verify(version);
    const run = { ...args.provenance, builders: args.builders };
    const alias = pulumi.all([version, isVerified]).apply(([outcome, follows]) => {
      if (outcome.kind === 'failed') return {};
      const { digest } = outcome.value;
      if (digest === '') return { index: indexInput(args.image, outcome.value, run), follows };
      return { digest: follows ? digest : undefined };
    });
    const latest = new Alias(
      `${name}-${LATEST}`,
      {
        registry,
        repository,
        tag: LATEST,
        digest: alias.digest,
        index: alias.index,
        follows: alias.follows,
        signers: args.signedBy,
      },
      // Release branches may pull it long after the catalog has dropped the image, and an engine that
      // was killed between a replacement and its clean-up would take the new one's tag away.
      { parent: this, retainOnDelete: true },
    );
    silenceRepeatedErrors(latest);
    this.alias = latest;

    this.output = pulumi.all([version, outcomeOf(latest.urn)]).apply(([outcome]) => {
      if (outcome.kind === 'failed') return pulumi.output(undefined);
      const { tag, digest } = outcome.value;
      const published = digest === '' ? latest.published : pulumi.output(digest);
      const named = pulumi.all([outcomeOf(published), outcomeOf(latest.digest)]);
      return named.apply(async ([of, pointed]): Promise<PublishedImageOutput | undefined> => {
        if (of.kind === 'failed') {
          await this.report(`its index or its alias could not be written, see ${name}-${LATEST}`);
          return undefined;
        }
        const reference = formatImageReference({
          registry,
          repository,
          digest: of.value as Digest,
        });
        const aliases = valueOf(pointed) === of.value ? own : [];
        return { reference, repository, digest: of.value, tag, aliases };
      });
    });
    const others = sourceTag === undefined ? [] : [this.followLatest(sourceTag)];
    this.settled = settled(latest, ...others);
    args.buildTimeouts.waitFor(name, this.settled, (reason) => this.report(reason));
    this.registerOutputs({ published: this.output });
  }

  /** The digest that the catalog accepts under the immutable tag. */
  get adopt(): Digest | undefined {
    return this.args.image.adopt;
  }

  /** The digest that `latest` names after this run, or the text `latest` where the run does not know it. */
  get latest(): pulumi.Output<string> {
    const digest = this.alias.digest.apply((pointedAt) => pointedAt || LATEST);
    return pulumi.recover<string>(digest, () => LATEST);
  }

  /** The digest of the signature of this version; empty without one. */
  get signature(): pulumi.Output<string> {
    const digest = pulumi.output(knownOr(this.alias.signature, ''));
    return pulumi.recover(
      digest.apply((of) => of ?? ''),
      () => '',
    );
  }

  /** Adopts what the registry has, and builds what it does not have. The lookup has copied what is not built. */
  private publish(
    found: Outcome<Version>,
    publication: PublicationLookup,
    isRegistryThere: boolean,
  ): VersionOutcome {
    const { image } = this.args;
    if (found.kind === 'failed') return pulumi.output<Outcome<Version>>(found);
    const { builders } = this.args;
    const options = { parent: this, provider: builders.published };
    if (found.value.digest !== '') return adoptVersion(image, found.value, options);
    if (!isBuilt(image)) return pulumi.output(found);
    if (isRegistryThere) {
      return buildVersion({ ...this.args, image, publication }, found.value, options);
    }
    return pulumi.output(failed('its registry could not be brought up, see there'));
  }

  /** Whether the image comes up on each platform; the engine says why it does not. */
  private verify(version: VersionOutcome): pulumi.Output<boolean> {
    const { image, verifyTimeout: timeout = 0 } = this.args;
    const { registry, repository, builds } = image;
    const kind = contentOf(image);
    const { verify: commands = [], verifyPrivileged } = startOf(image);
    const isPrivileged = verifyPrivileged === true;
    // Disks are booted on one platform.
    const bootable = builds.filter(({ platform }) => platform === DEFAULT_PLATFORM);
    const verified = kind === 'vm-disk' && bootable.length > 0 ? bootable : builds;
    const outcomes = verified.map(({ platform }) => {
      const digest = version.apply((outcome) => {
        const { members = {}, digest: named = '' } = valueOf(outcome) ?? {};
        return members[platform] ?? (named === '' ? undefined : named);
      });
      const inputs = {
        registry,
        repository,
        digest,
        kind,
        platform,
        commands,
        timeout,
        privileged: isPrivileged ? true : undefined,
      };
      const verification = new Verification(dockerImageName(image, platform), inputs, {
        parent: this,
      });
      return outcomeOf(silenceRepeatedErrors(verification).digest);
    });
    return pulumi.all(outcomes).apply((all) => all.every((outcome) => outcome.kind === 'done'));
  }

  /** The tag that a copy has at its source goes with `latest`. One that `from` does not name any more stays. */
  private followLatest(tag: Tag): Alias {
    const { name, registry, repository } = this.args.image;
    const digest = this.output.apply((version) =>
      version?.aliases.includes(tag) === true ? version.digest : undefined,
    );
    const inputs = { registry, repository, tag, digest };
    const alias = new Alias(`${name}-source-tag`, inputs, { parent: this, retainOnDelete: true });
    return silenceRepeatedErrors(alias);
  }

  private report(reason: string): Promise<void> {
    // A message alone fails no run, and no resource may have failed with it.
    process.exitCode = ALREADY_REPORTED;
    return pulumi.log.error(`${this.args.image.name} is not published: ${reason}`, this);
  }
}

/** How it is started, where it is a container. */
function startOf(image: PlannedImage): Pick<PlannedContainer, 'verify' | 'verifyPrivileged'> {
  return image.kind !== 'vm-disk' && contentOf(image) === 'container' ? image : {};
}

function baseOf(image: PlannedImage): string | undefined {
  return image.kind === 'container' ? formatImageReference(image.base) : undefined;
}

function valueOf<Value>(outcome: Outcome<Value>): Value | undefined {
  return outcome.kind === 'done' ? outcome.value : undefined;
}
