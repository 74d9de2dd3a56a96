import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import type { BuildFiles, DiskRecipe } from '../../src/catalog/image.ts';
import {
  LATEST,
  formatImageReference,
  parseDigest,
  type Digest,
} from '../../src/image-reference.ts';
import type { PlannedImage } from '../../src/plan/plan-stack.ts';
import type { Provenance } from '../../src/plan/provenance.ts';
import { ALREADY_REPORTED } from '../engine/errors.ts';
import {
  childOptions,
  done,
  failed,
  outcomeOf,
  silenceRepeatedErrors,
  settled,
  type Outcome,
} from '../engine/resources.ts';
import { Alias, PublicationLookup, Verification } from '../oci/resources.ts';
import type { ArtifactRepository } from './artifact-repository.ts';
import type { BuildTimeouts } from './build-timeouts.ts';
import type { Builders, Place } from './builders.ts';
import type { OpenDisk } from './disk-contexts.ts';
import { adoptedImage, builtImage } from './docker-image.ts';
import { openDockerfile } from './labelled-dockerfile.ts';

interface PublishedImageArgs {
  readonly image: PlannedImage;
  /**
   * While its id is unknown (in a preview of the run that creates it), the registry gets no request. After
   * its failure nothing is built, since it could not be pushed; a published image stays adopted.
   */
  readonly destination: Pick<ArtifactRepository, 'resourceId' | 'outcome'>;
  readonly provenance: Provenance;
  /** Makes the folder that a VM disk is built from. */
  readonly openDisk: OpenDisk;
  readonly buildTimeouts: BuildTimeouts;
  /** Where images are built. */
  readonly builders: Builders;
  /** Seconds within which the image must come up before `latest` moves; absent when it moves at once. */
  readonly verifyTimeout: number | undefined;
}

/** A stack output: what a CI job needs to use an image. */
interface PublishedImageOutput {
  /** `registry/repository@digest`: this very image, whatever happens to tags. */
  readonly reference: string;
  readonly repository: string;
  readonly digest: string;
  /** The immutable tag. */
  readonly tag: string;
  /** `latest` where it names this version. Aliases of branches are not listed. */
  readonly aliases: readonly string[];
}

/** A published version: the immutable tag, and the digest that it names. */
interface Published {
  readonly tag: string;
  readonly digest: string;
}

type PublishedOutcome = pulumi.Output<Outcome<Published>>;

/**
 * One image of the catalog: built and pushed under its immutable tag unless the registry has it already,
 * with the alias `latest` on the same digest.
 *
 * The `PublicationLookup` decides. For a tag that the registry does not have, the engine creates a
 * `docker.Image`: it builds and pushes. For a tag that the registry has, the engine reads the same
 * `docker.Image` and does not own it, so that no difference in the build context pushes again under a tag that
 * must not move. In the run after its publication, a created image becomes one that is read, which the engine
 * counts as no change.
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
  /** For `dependsOn`: the alias `latest`, which is the last resource of the component. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  /** The VM disk that this run builds. A failed lookup builds none. */
  readonly diskToBuild: pulumi.Output<DiskRecipe | undefined>;

  private readonly args: PublishedImageArgs;
  private readonly alias: Alias;

  constructor(name: string, args: PublishedImageArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:PublishedImage', name, {}, options);
    this.args = args;
    const { registry, repository, tag, inputs, adopt } = args.image;
    const registryId = args.destination.resourceId;
    const publication = new PublicationLookup(
      name,
      { registry, repository, tag, registryId, inputs, adopt, ...args.provenance },
      childOptions(this, options),
    );
    silenceRepeatedErrors(publication);
    const { image } = args;
    this.diskToBuild = outcomeOf(publication.published).apply((found) =>
      image.kind === 'vm-disk' && valueOf(found) === false ? image : undefined,
    );
    const published = this.publish(publication).apply(async (outcome) => {
      if (outcome.kind === 'failed') await this.report(outcome.reason);
      return outcome;
    });
    const digest = published.apply((outcome) => valueOf(outcome)?.digest);
    const verified = args.verifyTimeout === undefined ? digest : this.verify(digest);
    const latest = new Alias(
      `${name}-${LATEST}`,
      { registry, repository, tag: LATEST, digest: verified },
      // Release branches may pull it long after the catalog has dropped the image, and an engine that
      // was killed between a replacement and its clean-up would take the new one's tag away.
      { parent: this, retainOnDelete: true },
    );
    silenceRepeatedErrors(latest);
    this.alias = latest;
    this.settled = settled(latest);
    args.buildTimeouts.waitFor(name, this.settled, (reason) => this.report(reason));

    const pointed = pulumi.all([published, outcomeOf(latest.urn), verified]);
    this.output = pointed.apply(([outcome, alias, pointedAt]) => {
      if (outcome.kind === 'failed') return undefined;
      const { tag, digest } = outcome.value;
      const reference = formatImageReference({ registry, repository, digest: digest as Digest });
      const isLatest = alias.kind === 'done' && pointedAt !== undefined;
      return { reference, repository, digest, tag, aliases: isLatest ? [LATEST] : [] };
    });
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

  /** Adopts what the registry has, and builds what it does not have. */
  private publish(publication: PublicationLookup): PublishedOutcome {
    const { published, digest, tag } = publication;
    const lookup = outcomeOf(pulumi.all([published, digest, tag]));
    const { image, destination, builders } = this.args;
    return pulumi.all([lookup, destination.outcome]).apply(([found, repository]) => {
      if (found.kind === 'failed') return pulumi.output<Outcome<Published>>(found);
      const [isPublished, digest, tag] = found.value;
      if (isPublished) {
        const options = { parent: this, provider: builders.published };
        const adopted = adoptedImage(image, { tag, digest }, options);
        silenceRepeatedErrors(adopted);
        return outcomeOf(adopted.id.apply(() => ({ tag, digest })));
      }
      if (repository.kind === 'done') return this.build(publication, tag);
      return pulumi.output(failed('its registry could not be brought up, see there'));
    });
  }

  private build(publication: PublicationLookup, tag: string): PublishedOutcome {
    const { image, builders } = this.args;
    const entering = builders.enter(image.name, image.platform);
    return outcomeOf(pulumi.output(entering)).apply((entered): PublishedOutcome => {
      if (entered.kind === 'failed') return pulumi.output(entered);
      const place = entered.value;
      // A preview writes no files: the context in the checkout shows what will be built.
      const built = pulumi.runtime.isDryRun()
        ? this.push(publication, tag, image, place)
        : this.buildFiles(publication, tag, place);
      return built.apply((outcome) => {
        place.leave();
        return outcome;
      });
    });
  }

  private buildFiles(publication: PublicationLookup, tag: string, place: Place): PublishedOutcome {
    return outcomeOf(pulumi.output(this.open())).apply((opened): PublishedOutcome => {
      if (opened.kind === 'failed') return pulumi.output(opened);
      const { release, ...files } = opened.value;
      return this.push(publication, tag, files, place).apply(async (outcome) => {
        await release().catch((cause: unknown) =>
          pulumi.log.warn(`${files.dockerfile} could not be removed: ${String(cause)}`, this),
        );
        return outcome;
      });
    });
  }

  /** What Docker builds from, until `release`: with a disk, its own context, and a Dockerfile with the label. */
  private async open() {
    const { image, openDisk } = this.args;
    const disk = image.kind === 'vm-disk' ? await openDisk(image) : undefined;
    const context = disk?.folder ?? image.context;
    const labelled = await openDockerfile(image).catch(async (error: unknown) => {
      await disk?.release();
      throw error;
    });
    const release = async () => {
      await disk?.release();
      await labelled.release();
    };
    return { context, dockerfile: labelled.dockerfile, release };
  }

  private push(
    publication: PublicationLookup,
    tag: string,
    files: BuildFiles,
    { provider, leave, explain }: Place,
  ): PublishedOutcome {
    const { image, buildTimeouts } = this.args;
    const end = buildTimeouts.begin(image.name, leave);
    const options = { parent: this, provider: provider() };
    const built = builtImage({ image, files, publication }, options);
    silenceRepeatedErrors(built);
    return outcomeOf(built.repoDigest).apply<Outcome<Published>>(async (pushed) => {
      end();
      if (pushed.kind === 'failed') {
        // The SDK only says that the resource failed, and the docker plug-in does not name the image.
        const { registry, reference } = image;
        return failed(await explain({ registry, name: formatImageReference(reference) }));
      }
      const digest = parseDigest(pushed.value.split('@')[1] ?? '');
      return digest === undefined
        ? failed(`the push reported no digest: "${pushed.value}"`)
        : done({ tag, digest });
    });
  }

  /** The digest once its image has come up; `undefined` when it does not, and the engine has said why. */
  private verify(digest: pulumi.Output<string | undefined>): pulumi.Output<string | undefined> {
    const { image, verifyTimeout: timeout = 0 } = this.args;
    const { name, kind, registry, repository, platform } = image;
    const commands = (image.kind === 'container' ? image.verify : undefined) ?? [];
    const isPrivileged = image.kind === 'container' && image.verifyPrivileged === true;
    const inputs = {
      ...{ registry, repository, digest, kind, platform, commands, timeout },
      privileged: isPrivileged ? true : undefined,
    };
    const verification = silenceRepeatedErrors(new Verification(name, inputs, { parent: this }));
    return outcomeOf(verification.digest).apply(valueOf);
  }

  private report(reason: string): Promise<void> {
    // A message alone fails no run, and no resource may have failed with it.
    process.exitCode = ALREADY_REPORTED;
    return pulumi.log.error(`${this.args.image.name} is not published: ${reason}`, this);
  }
}

function valueOf<Value>(outcome: Outcome<Value>): Value | undefined {
  return outcome.kind === 'done' ? outcome.value : undefined;
}
