import pulumi from '@pulumi/pulumi';
import type { BuildInputs } from '../../src/tag/build-inputs.ts';
import type { Kind } from '../../src/catalog/image.ts';
import type { VersionNeed } from '../../src/branches/needs.ts';

/**
 * The project's own plug-in. Who asks the registry it learns from `logIn` once the program runs; before
 * that (a refresh runs ahead of the program, without `--run-program`) the Docker config decides.
 */
export class OciProvider extends pulumi.ProviderResource {
  constructor(name: string, options?: pulumi.ResourceOptions) {
    super('oci', name, {}, options);
  }
}

interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Tells the plug-in who asks the registry in this run. It is a call and no setting of the provider, so
 * that nothing of it gets into the state; an access token would be another setting in every run, too.
 */
export async function logIn(provider: OciProvider, login: Login): Promise<void> {
  await pulumi.runtime.invoke('oci:index:logIn', login, { provider });
}

interface PublicationArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** The immutable tag. */
  readonly tag: pulumi.Input<string>;
  /** Id of the resource that the registry is; not known in a preview of a run that will make it. */
  readonly registryId: pulumi.Input<string>;
  /** The hashes of the build inputs that the tag is made of: they show in a preview why it changed. */
  readonly inputs: pulumi.Input<BuildInputs>;
  /** The commit that is built; recorded at the first publication and not compared afterwards. */
  readonly revision: pulumi.Input<string>;
  /** The address of the pipeline, or empty; recorded as `revision` is. */
  readonly pipeline: pulumi.Input<string>;
  /** The address of the source repository; recorded as `revision` is. */
  readonly source: pulumi.Input<string>;
}

/**
 * Whether an immutable tag is published: asked when the resource is created (in a preview too) and
 * on refresh. Its id changes when the tag vanished from the registry. `plugins` in Pulumi.yaml says
 * where the plug-in is.
 */
export class Publication extends pulumi.CustomResource {
  /** False: build it. True: it is there, adopt it. */
  declare readonly published: pulumi.Output<boolean>;
  /** What the tag names; empty while it is not published. */
  declare readonly digest: pulumi.Output<string>;
  /** When this was first published, in UTC, such as `2026-08-21T10:00:00Z`. */
  declare readonly created: pulumi.Output<string>;
  /** The immutable tag that this was asked about: the one of before in a run that targets others. */
  declare readonly tag: pulumi.Output<string>;
  declare readonly revision: pulumi.Output<string>;
  declare readonly pipeline: pulumi.Output<string>;
  declare readonly source: pulumi.Output<string>;

  constructor(name: string, args: PublicationArgs, options?: pulumi.CustomResourceOptions) {
    // The SDK makes an output property of each key, also of those without a value.
    const outputs = { published: undefined, digest: undefined, created: undefined };
    super('oci:index:Publication', name, { ...args, ...outputs }, options);
  }
}

interface TagArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** The alias. */
  readonly tag: pulumi.Input<string>;
  /** Of a manifest in the same repository; empty to leave the alias where it is. */
  readonly digest: pulumi.Input<string>;
}

/** An alias: a tag that points at a digest, is moved with it, and is moved back after a refresh. */
export class Tag extends pulumi.CustomResource {
  declare readonly tag: pulumi.Output<string>;
  declare readonly digest: pulumi.Output<string>;

  constructor(name: string, args: TagArgs, options?: pulumi.CustomResourceOptions) {
    super('oci:index:Tag', name, { ...args }, options);
  }
}

interface VerificationArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** What is started; empty when that is not known in this run. */
  readonly digest: pulumi.Input<string>;
  readonly kind: Kind;
  /** `os/architecture`. */
  readonly platform: string;
  /** What has to succeed in a container; empty where its systemd is asked. */
  readonly commands: readonly string[];
  /** Seconds until it must be up. */
  readonly timeout: number;
}

/** That what was published of an image comes up. It is started once for each digest. */
export class Verification extends pulumi.CustomResource {
  /** What has come up; the empty digest of a run in which none is known passes. */
  declare readonly digest: pulumi.Output<string>;

  constructor(name: string, args: VerificationArgs, options?: pulumi.CustomResourceOptions) {
    super('oci:index:Verification', name, { ...args, sign: undefined }, options);
  }
}

interface BranchAliasesArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** Alias → the tag or the digest that it stands for; empty for what `latest` names when it is made. */
  readonly aliases: pulumi.Input<Readonly<Record<string, string>>>;
}

/** The tags that stand for supported branches at one image (see `branchAliasesType`). */
export class BranchAliases extends pulumi.CustomResource {
  /** Alias → digest; without those whose tag is not in the registry. */
  declare readonly digests: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: BranchAliasesArgs, options?: pulumi.CustomResourceOptions) {
    super('oci:index:BranchAliases', name, { ...args, digests: undefined }, options);
  }
}

interface ReferencedVersionsArgs {
  readonly registry: pulumi.Input<string>;
  readonly repositoryPrefix: pulumi.Input<string>;
  /** In seconds. */
  readonly gracePeriod: pulumi.Input<number>;
  readonly needs: readonly VersionNeed[];
  /** Names of all images that may have versions in their grace period. */
  readonly images: pulumi.Input<readonly string[]>;
}

/** Which versions branches need, and have needed until not long ago (see `referencedVersionsType`). */
export class ReferencedVersions extends pulumi.CustomResource {
  /** What clean-up policies have to keep, in order. */
  declare readonly digests: pulumi.Output<string[]>;
  /** Image → alias → digest: what branches that name the image alone are pinned to, where it is known. */
  declare readonly pins: pulumi.Output<Readonly<Record<string, Readonly<Record<string, string>>>>>;

  constructor(name: string, args: ReferencedVersionsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      ...{ digests: undefined, pins: undefined },
      ...{ versions: undefined, unreferenced: undefined, formerPins: undefined },
    };
    const needs = byImage(args.needs);
    super('oci:index:ReferencedVersions', name, { ...args, needs, ...outputs }, options);
  }
}

/** Image → alias → tag, which is empty for the image alone: a difference in it reads like one. */
function byImage(needs: readonly VersionNeed[]): Record<string, Record<string, string>> {
  const images = Map.groupBy(needs, ({ image }) => image);
  const entries = [...images].map(([image, ofImage]) => {
    const tags = ofImage.map(({ alias, tag = '' }) => [alias, tag] as const);
    return [image, Object.fromEntries(tags)] as const;
  });
  return Object.fromEntries(entries);
}
