import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import type { PlannedImage } from '../../src/plan/plan-catalog.ts';
import type { Provenance } from '../../src/plan/provenance.ts';
import { AdoptedImage, builtImage, type BuiltImageArgs } from './docker-image.ts';
import { afterwards, childOptions, reportFailureOnce } from '../engine/resources.ts';
import { ALREADY_REPORTED } from '../engine/errors.ts';
import type { BuildLimit } from './build-limit.ts';
import type { OpenDisk } from './disk-contexts.ts';
import { Publication, Tag, Verification } from '../oci/resources.ts';
import type { RegistryAccess } from './registry-access.ts';
import { formatImageReference, type Digest } from '../../src/image-reference.ts';

interface PublishedImageArgs {
  readonly image: PlannedImage;
  readonly access: RegistryAccess;
  readonly destination: PublicationDestination;
  readonly provenance: Provenance;
  /** Makes what a VM disk is built from. */
  readonly openDisk: OpenDisk;
  readonly buildLimit: BuildLimit;
  /** Seconds that what is published has to come up in before `latest` moves; absent when it moves at once. */
  readonly verifyTimeout: number | undefined;
}

/** What there is to know of the registry resource (an `ImageRegistry`). */
interface PublicationDestination {
  /** Not known in a preview of a run that will make it; then it is not asked for anything. */
  readonly repositoryName: pulumi.Output<string>;
  /** False: nothing is built, since it could not be pushed. What is published already stays adopted. */
  readonly ready: pulumi.Output<boolean>;
}

const LATEST = 'latest';

/**
 * One image of the catalog: built and pushed under its immutable tag unless it is there already,
 * with the alias `latest` on the same digest.
 *
 * The publication decides. A tag that the registry does not have is a `docker.Image` that the engine
 * creates: build and push. A tag that it has is the same `docker.Image`, read and not owned, so that
 * nothing the docker plug-in notices about the build context (a file mode, another way of hashing)
 * can ever push again under a tag that must not move. An image goes from the one to the other by
 * itself on the run after its publication, which the engine counts as no change.
 */
export class PublishedImage extends pulumi.ComponentResource {
  /** Absent when the image could not be published in this run: the engine has named the reason. */
  readonly output: pulumi.Output<PublishedImageOutput | undefined>;
  /** For `dependsOn`: the alias `latest`, which is the last of it. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  private readonly imageName: string;
  private readonly openDisk: OpenDisk;
  private readonly buildLimit: BuildLimit;

  constructor(name: string, args: PublishedImageArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:PublishedImage', name, {}, options);
    const { image, access, destination, provenance, verifyTimeout } = args;
    this.imageName = name;
    this.openDisk = args.openDisk;
    this.buildLimit = args.buildLimit;
    const { registry, repository, tag, inputs } = image;
    const publication = new Publication(
      name,
      { registry, repository, tag, registryId: destination.repositoryName, inputs, ...provenance },
      { ...childOptions(this, options), provider: access.oci },
    );
    reportFailureOnce(publication);
    const { published: isPublished, digest: publishedDigest, tag: askedTag } = publication;
    const answer = pulumi.all([isPublished, publishedDigest, askedTag, destination.ready]);
    // Empty when the image is not published in this run. A failure must not leave the alias out of
    // the program: so it stays registered, and without a digest it stays where it is.
    const digest = this.orReport(answer, undefined).apply<string>((known) => {
      if (known === undefined) return pulumi.output('');
      const [published, found, publishedTag, ready] = known;
      if (published) return this.adopt(image, publishedTag, found);
      return ready ? this.build(image, publication, access) : this.leave();
    });
    const pointed =
      verifyTimeout === undefined
        ? digest
        : verifiedDigest(
            image,
            { digest, timeout: verifyTimeout },
            { parent: this, provider: access.oci },
          );
    const latest = new Tag(
      `${name}-${LATEST}`,
      { registry, repository, tag: LATEST, digest: pointed },
      // Release branches may pull it long after the catalog has dropped the image, and an engine that
      // was killed between a replacement and its clean-up would take the new one's tag away.
      { parent: this, provider: access.oci, retainOnDelete: true },
    );
    reportFailureOnce(latest);
    this.settled = afterwards(latest);
    this.buildLimit.waitFor(name, this.settled, (reason) => this.report(reason));

    const urn = pulumi.recover(latest.urn, () => '');
    // The alias is registered, and left where it is, also when its digest is empty.
    const isPointed = pulumi.all([urn, pointed]).apply((known) => !known.includes(''));
    const outcome = pulumi.all([digest, isPointed, pulumi.recover(publication.tag, () => tag)]);
    this.output = outcome.apply(([found, pointed, publishedTag]) =>
      found === ''
        ? undefined
        : publishedImageOutput(image, publishedTag, found, pointed ? [LATEST] : []),
    );
    this.registerOutputs({ published: this.output });
  }

  /** In place of an output that failed: an error that names the image, so that the run fails too. */
  private orReport<T, Fallback>(output: pulumi.Output<T>, fallback: Fallback) {
    return pulumi.recover<T | Fallback>(output, async (cause: unknown) => {
      await this.report(cause instanceof Error ? cause.message : String(cause));
      return fallback;
    });
  }

  private report(reason: string): Promise<void> {
    // No resource may have failed with it, and a message alone fails no run.
    process.exitCode = ALREADY_REPORTED;
    return pulumi.log.error(`${this.imageName} is not published: ${reason}`, this);
  }

  private warnOfLeftover(folder: string, cause: unknown): Promise<void> {
    return pulumi.log.warn(`${folder} could not be removed: ${String(cause)}`, this);
  }

  private leave(): pulumi.Output<string> {
    const reported = this.report('its registry could not be brought up, see there');
    return pulumi.output(reported.then(() => ''));
  }

  private adopt(image: PlannedImage, tag: string, digest: string): pulumi.Output<string> {
    const adopted = new AdoptedImage(image.name, { image, tag, digest }, { parent: this });
    reportFailureOnce(adopted);
    return this.orReport(adopted.id, '').apply((id) => (id === '' ? '' : digest));
  }

  private build(
    image: PlannedImage,
    publication: Publication,
    access: RegistryAccess,
  ): pulumi.Output<string> {
    const from = (context: string) => this.push({ image, context, publication, access });
    // A preview makes no disks: the context in the checkout shows what will be built.
    if (image.kind === 'container' || pulumi.runtime.isDryRun()) return from(image.context);
    const opened = this.openDisk(image).catch(async (cause: unknown) => {
      await this.report(cause instanceof Error ? cause.message : String(cause));
      return undefined;
    });
    return pulumi.output(opened).apply<string>((disk) => {
      if (disk === undefined) return pulumi.output('');
      return from(disk.folder).apply(async (digest) => {
        await disk.release().catch((cause: unknown) => this.warnOfLeftover(disk.folder, cause));
        return digest;
      });
    });
  }

  /** The digest of what was pushed; empty when it was not, which has been reported then. */
  private push(args: BuiltImageArgs): pulumi.Output<string> {
    const end = this.buildLimit.begin(this.imageName);
    const { repoDigest: pushed } = builtImage(args, { parent: this });
    return this.orReport(pushed, '@').apply(async (repoDigest) => {
      end();
      const digest = repoDigest.split('@')[1];
      if (digest === undefined) await this.report(`the push reported no digest: "${repoDigest}"`);
      return digest ?? '';
    });
  }
}

/** What a consumer needs to use an image: a stack output, readable by a CI job. */
interface PublishedImageOutput {
  /** `registry/repository@digest`: this very image, whatever happens to tags. */
  readonly reference: string;
  readonly repository: string;
  readonly digest: string;
  /** The immutable tag. */
  readonly tag: string;
  readonly aliases: readonly string[];
}

function publishedImageOutput(
  { registry, repository }: PlannedImage,
  tag: string,
  digest: string,
  aliases: readonly string[],
): PublishedImageOutput {
  const reference = formatImageReference({ registry, repository, digest: digest as Digest });
  return { reference, repository, digest, tag, aliases };
}

interface VerifiedDigestArgs {
  /** Empty when it is not known in this run. */
  readonly digest: pulumi.Output<string>;
  /** Seconds that it has to come up in. */
  readonly timeout: number;
}

/** The digest once what it names has come up; empty when that does not, and the engine has said why. */
function verifiedDigest(
  image: PlannedImage,
  { digest, timeout }: VerifiedDigestArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { name, kind, registry, repository, platform } = image;
  const commands = (image.kind === 'container' ? image.verify : undefined) ?? [];
  const args = { registry, repository, digest, kind, platform, commands, timeout };
  const verification = reportFailureOnce(new Verification(name, args, options));
  return pulumi.recover(verification.digest, () => '');
}
