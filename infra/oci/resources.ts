import pulumi from '@pulumi/pulumi';
import { RESOURCES, type InputsOf, type ResourceToken } from './schema.ts';

/**
 * The project's own plug-in, at the place that Pulumi.yaml names. Until the program calls `logIn`, such as in a
 * refresh without `--run-program`, the Docker config has the credentials.
 */
export class OciProvider extends pulumi.ProviderResource {
  constructor(name: string, options?: pulumi.ResourceOptions) {
    super('oci', name, {}, options);
  }
}

/** Sets the login to a registry for this run. */
export async function logIn(
  provider: OciProvider,
  login: { readonly registry: string; readonly username: string; readonly password: string },
): Promise<void> {
  await pulumi.runtime.invoke('oci:index:logIn', login, { provider });
}

/** Says that this run, or the one that it is a preview of, may make repositories in a registry. */
export async function mayMake(provider: OciProvider, registry: string): Promise<void> {
  const preview = pulumi.runtime.isDryRun();
  await pulumi.runtime.invoke('oci:index:mayMake', { registry, preview }, { provider });
}

/** Says what signs in this run. infra/oci/signing.ts implements it. */
export async function setUpSigning(
  provider: OciProvider,
  inputs: Readonly<Record<'signing' | 'fulcio' | 'rekor' | 'trustedRoot', string>>,
): Promise<void> {
  await pulumi.runtime.invoke('oci:index:setUpSigning', inputs, { provider });
}

type Inputs<Token extends ResourceToken> = {
  readonly [Name in keyof InputsOf<Token>]:
    | pulumi.Input<InputsOf<Token>[Name]>
    | EachText<InputsOf<Token>[Name]>;
};

type Texts = Readonly<Record<string, string>>;

/** Texts by name, of which each may be an output. */
type EachText<Value> = Value extends Texts ? Readonly<Record<string, pulumi.Input<string>>> : never;

/** The class of a resource; schema.ts says what its inputs and outputs are. */
function resourceClass<Token extends ResourceToken>(token: Token) {
  // The SDK makes an output property of each key, also of one without a value.
  const names = Object.keys(RESOURCES[token].outputs);
  const outputs = Object.fromEntries(names.map((name) => [name, undefined]));
  return class extends pulumi.CustomResource {
    constructor(name: string, inputs: Inputs<Token>, options?: pulumi.CustomResourceOptions) {
      super(token, name, { ...inputs, ...outputs }, options);
    }
  };
}

/** Looks an immutable tag up in the registry. publication-type.ts implements it. */
export class PublicationLookup extends resourceClass('oci:index:Publication') {
  declare readonly published: pulumi.Output<boolean>;
  declare readonly digest: pulumi.Output<string>;
  /** Platform → digest. Absent in a state from before indexes were published. */
  declare readonly members: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  /** Platform → digests of attestations that came with a copy. */
  declare readonly attested: pulumi.Output<Readonly<Record<string, readonly string[]>> | undefined>;
  /** Platform → tag. Absent as members are. */
  declare readonly platforms: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  declare readonly created: pulumi.Output<string>;
  /** The tag that was looked up. With `--target` of another resource, it is the one of the run before. */
  declare readonly tag: pulumi.Output<string>;
  declare readonly revision: pulumi.Output<string>;
  declare readonly source: pulumi.Output<string>;
}

/** A tag that moves, such as `latest`, and the index that it goes to. tag-type.ts implements it. */
export class Alias extends resourceClass('oci:index:Tag') {
  /** What the alias points at after this run; empty for one that never pointed at anything. */
  declare readonly digest: pulumi.Output<string>;
  /** The digest of the index that this run has published. */
  declare readonly published: pulumi.Output<string>;
  /** The digest of its signature. Absent in a state from before anything was signed. */
  declare readonly signature: pulumi.Output<string | undefined>;
}

/** Starts a published image. verification-type.ts implements it. */
export class Verification extends resourceClass('oci:index:Verification') {
  /** What came up in this run; without an input, what came up before. */
  declare readonly digest: pulumi.Output<string>;
}

/** The aliases of the supported branches at one image. branch-aliases-type.ts implements it. */
export class BranchAliases extends resourceClass('oci:index:BranchAliases') {
  /**
   * Alias → digest; without the aliases of versions that the registry does not have. Absent for a new resource
   * that is not among the targets of a run.
   */
  declare readonly digests: pulumi.Output<Readonly<Record<string, string>> | undefined>;
}

/** Copies of an image in other registries. mirror-type.ts implements it. */
export class Mirror extends resourceClass('oci:index:Mirror') {}

/**
 * The versions that supported branches need or needed until less than the grace period ago.
 * referenced-versions-type.ts implements it.
 */
export class ReferencedVersions extends resourceClass('oci:index:ReferencedVersions') {
  declare readonly digests: pulumi.Output<string[]>;
  /** Like the next three, absent in a state from before attachments were looked up. */
  declare readonly mostAttachments: pulumi.Output<number | undefined>;
  declare readonly attachmentsOfOne: pulumi.Output<number | undefined>;
  declare readonly looseAttachments: pulumi.Output<boolean | undefined>;
  declare readonly mostMembers: pulumi.Output<number | undefined>;
  declare readonly pins: pulumi.Output<Readonly<Record<string, Readonly<Record<string, string>>>>>;
  declare readonly versions: pulumi.Output<readonly { readonly digest?: string }[]>;
  declare readonly unreferenced: pulumi.Output<readonly { readonly digest: string }[]>;
}
