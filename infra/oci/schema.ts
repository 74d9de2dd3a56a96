import type { Provenance } from '../../src/attestations/provenance.ts';
import type { BranchRecords } from '../../src/branches/compare-branches.ts';
import type { Signer } from '../../src/settings/signers.ts';
import type { Content } from '../../src/catalog/image.ts';
import type { EngineAddress } from '../../src/verify/list-container.ts';

/** A property as the schema of Pulumi packages describes it ("Pulumi package schema"), and its type. */
interface Property<Value = unknown> {
  readonly type: 'string' | 'boolean' | 'number' | 'array' | 'object';
  readonly description?: string | undefined;
  readonly secret?: boolean;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  /** For the compiler only. */
  readonly value?: Value;
}

export interface Resource {
  readonly description: string;
  readonly inputs: Readonly<Record<string, Property>>;
  /** Inputs that may be absent. */
  readonly optional: readonly string[];
  /** What the plug-in adds to the inputs. */
  readonly outputs: Readonly<Record<string, Property>>;
}

const text = (description?: string): Property<string> => ({ type: 'string', description });
const flag = (description: string): Property<boolean> => ({ type: 'boolean', description });
const number = (description: string): Property<number> => ({ type: 'number', description });

function listOf<Item>(items: Property<Item>, description?: string): Property<readonly Item[]> {
  return { type: 'array', items, description };
}

type Named<Value> = Readonly<Record<string, Value>>;

function recordOf<Value>(values: Property<Value>, description?: string): Property<Named<Value>> {
  return { type: 'object', additionalProperties: values, description };
}

const branchesProperty: Property<BranchRecords> = {
  type: 'object',
  additionalProperties: { type: 'object' },
  description: 'What was found in each branch; compared with the next run, which it may stop',
};

/** An index to publish. */
interface IndexInput {
  /** Its immutable tag. */
  readonly tag: string;
  /** Platform → digest. */
  readonly members: Named<string>;
  readonly annotations: Named<string>;
  /** Platform → what is attested of its image beside its package list. */
  readonly attestations: Named<{
    readonly kind: Content;
    readonly provenance: Provenance;
    /** The Docker Engine that lists its packages; absent for the one that the environment names. */
    readonly engine: EngineAddress | undefined;
  }>;
  /** Platform → digests of what others have attested of its image; absent where nobody has. */
  readonly attested?: Named<readonly string[]> | undefined;
}

const indexProperty: Property<IndexInput> = {
  type: 'object',
  additionalProperties: { type: 'object' },
  description:
    'The index to publish: its tag, members (platform to digest), annotations and attestations',
};

const signersProperty: Property<readonly Signer[]> = {
  type: 'array',
  items: { type: 'object', additionalProperties: text() },
  description: 'Whose signatures count: publicKey, or issuer and identity of each',
};

const REGISTRY = text('Host of the registry, with a port where it has one');
const REPOSITORY = text('Path of the repository in the registry');

/**
 * The resources of the plug-in, by type. The classes in resources.ts have their arguments from here, and
 * `pulumi package get-schema` prints the same table. Properties are fields of the state of every stack:
 * add some, but rename and remove none.
 */
export const RESOURCES = {
  'oci:index:Publication': {
    description:
      'Whether an immutable tag is published, and so whether to build it or to adopt it. It copies what was built elsewhere, puts back a tag that was overwritten, and writes nothing else. Its id changes when the image vanished from the registry.',
    inputs: {
      registry: REGISTRY,
      repository: REPOSITORY,
      tag: text('The immutable tag'),
      registryId: text(
        'Id of the resource that is the registry. While unknown, no request is sent',
      ),
      platforms: recordOf(text(), 'Platform to the tag that its image is pushed under'),
      base: text('The base of an image for several platforms, which must have them'),
      from: text('What is copied, with its digest, where nothing is built'),
      inputs: recordOf(text(), 'Hashes of the build inputs that the tag is made of'),
      revision: text('The commit that is built at the first publication; not compared afterwards'),
      pipeline: text('Address of the pipeline, or empty; recorded as revision is'),
      source: text('Address of the source repository, or empty; recorded as revision is'),
      adopt: text(
        'Digest that is adopted although its label does not name the tag, or nobody has signed it',
      ),
      signers: { ...signersProperty, description: 'Whose images are adopted; absent: by labels' },
      foundInstead: text(
        'Set by a refresh only: what the tag names instead of the digest, or "nothing"; the next update puts it back',
      ),
      foundByRefresh: flag(
        'Set by a refresh only: that it found the tag published; the next run judges it again where adopt or signers have changed',
      ),
    },
    optional: [
      'registryId',
      'platforms',
      'base',
      'from',
      'adopt',
      'signers',
      'foundInstead',
      'foundByRefresh',
    ],
    outputs: {
      published: flag('True: the registry has the tag, adopt it. False: build what members lack'),
      members: recordOf(text(), 'Platform to the digest of its image, as far as it is there'),
      attested: recordOf(
        listOf(text()),
        'Platform to the digests of what others have attested of an image that is copied',
      ),
      digest: text('What the tag names; empty while it is not published'),
      created: text('When the tag was first published, in UTC, such as 2026-08-21T10:00:00Z'),
    },
  },
  'oci:index:Tag': {
    description:
      'An alias: a tag that points at a digest of the same repository, moves with it, and is moved back after a refresh. Before, it publishes an index of images that were built.',
    inputs: {
      registry: REGISTRY,
      repository: REPOSITORY,
      tag: text('The alias'),
      digest: text('Digest in the same repository; absent: the alias stays where it is'),
      index: indexProperty,
      follows: flag('Whether the alias goes to the index'),
      signers: {
        ...signersProperty,
        description: 'Whose signatures count; this run signs as one of them. Absent: no signature',
      },
    },
    optional: ['digest', 'index', 'follows', 'signers'],
    outputs: {
      published: text('Digest of the index; empty where none was published'),
      signed: text('Digest that is signed; empty where none is'),
      signature: text('Digest of its signature'),
    },
  },
  'oci:index:Verification': {
    description:
      'That a published image comes up. It is started once for each digest; one that does not come up fails as a resource.',
    inputs: {
      registry: REGISTRY,
      repository: REPOSITORY,
      digest: text('What is started; absent: what came up before counts'),
      kind: text('container or vm-disk'),
      platform: text('os/architecture'),
      commands: listOf(text(), 'What has to succeed in a container; none: its systemd decides'),
      timeout: number('Seconds within which the image must be up'),
      privileged: flag(
        'Whether its container is privileged; refused where the run has an identity',
      ),
    },
    optional: ['digest', 'privileged'],
    outputs: { sign: text('What showed that the image is up') },
  },
  'oci:index:BranchAliases': {
    description: 'The tags that stand for supported branches at one image.',
    inputs: {
      registry: REGISTRY,
      repository: REPOSITORY,
      aliases: recordOf(
        text(),
        'Alias to the tag or the digest that it stands for; empty for what latest names when the alias is created',
      ),
      adopt: text('Digest that an immutable tag may name by now in place of one that is gone'),
    },
    optional: ['adopt'],
    outputs: {
      digests: recordOf(text(), 'Alias to digest; without those of tags that are missing'),
    },
  },
  'oci:index:Mirror': {
    description:
      'Copies of an image in other registries, by digest. It removes nothing there, also when it is deleted.',
    inputs: {
      registry: REGISTRY,
      repository: REPOSITORY,
      mirrors: listOf(text(), 'Host and path of the repository of each copy'),
      tags: recordOf(text(), 'Tag to the digest that it names on the mirrors'),
      signature: text('Digest of the signature of this run; empty where there is none'),
    },
    optional: ['signature'],
    outputs: {},
  },
  'oci:index:ReferencedVersions': {
    description:
      'Which versions supported branches need, and have needed within the grace period: the digests that clean-up policies keep.',
    inputs: {
      registry: REGISTRY,
      repositoryPrefix: text('Path that the repositories of all images begin with'),
      gracePeriod: number('Seconds that a version stays after its last reference'),
      needs: recordOf(
        recordOf(text()),
        'Image to alias to tag or digest; empty for the image alone',
      ),
      images: listOf(text(), 'Names of all images that may have versions in their grace period'),
      branches: branchesProperty,
      accept: listOf(text(), 'Commits of the run before, at which a branch may come to need less'),
      keep: listOf(text(), 'What else is kept: tags of all images, image:tag and image@digest'),
      sourceTags: listOf(text(), 'image:tag of copies with the tag of their source: no aliases'),
      pinLines: recordOf(
        text(),
        'Line of pins to why it pins nothing, or empty; a new one that pins nothing stops the run',
      ),
    },
    optional: ['keep', 'sourceTags', 'pinLines'],
    outputs: {
      digests: listOf(text(), 'What clean-up policies keep, in order'),
      attachments: listOf(
        recordOf(text()),
        'What belongs to kept versions: digest, and the digest of the owner or nothing for one of keep',
      ),
      attachmentsOfOne: number(
        'The largest number of attachments that one version got before the next was published',
      ),
      mostAttachments: number('The largest number of other attachments at one image'),
      looseAttachments: flag('Whether some have no tag'),
      mostMembers: number('The largest number of members of an index that is no attachment'),
      pins: recordOf(recordOf(text()), 'Image to alias to digest, of branches without a tag'),
      versions: listOf(
        recordOf(text()),
        'The needed versions: image, alias, tag, digest, and foundAt: when the first lookup missed it',
      ),
      unreferenced: listOf(
        recordOf(text()),
        'Versions in their grace: image, digest, since, and endedAt once a run found it over',
      ),
      formerPins: listOf(
        recordOf(text()),
        'Aliases of former branches: image, alias, digest, since, endedAt',
      ),
    },
  },
} as const satisfies Readonly<Record<string, Resource>>;

/** The functions of the plug-in, by token. */
export const FUNCTIONS = {
  'oci:index:setUpSigning': {
    description:
      'Says what signs in this run, and which root certifies identities. An empty text leaves something out. It is a function for the same reason as logIn.',
    inputs: {
      signing: text('The setting of that name, with an absolute path'),
      fulcio: text('Address of a Fulcio'),
      rekor: text('Address of a Rekor'),
      trustedRoot: text('Content of a trusted root'),
    },
  },
  'oci:index:mayMake': {
    description:
      'Says that repositories of a registry may be made, by this run or, for a preview, by a later one: some registries refuse to read one that is not there.',
    inputs: { registry: REGISTRY, preview: flag('Whether this run is a preview') },
  },
  'oci:index:logIn': {
    description:
      'Sets the login to a registry for the rest of the run. It is a function and no setting of the provider, so that no part of it gets into the state.',
    inputs: {
      registry: REGISTRY,
      username: text('User name'),
      password: { ...text('Password or access token'), secret: true },
    },
  },
} as const;

export type ResourceToken = keyof typeof RESOURCES;

type InputsTable<Token extends ResourceToken> = (typeof RESOURCES)[Token]['inputs'];
type OptionalOf<Token extends ResourceToken> = (typeof RESOURCES)[Token]['optional'][number];
type ValueOf<Described> = Described extends Property<infer Value> ? Value : never;

/** The values of a resource's inputs, by name. */
export type InputsOf<Token extends ResourceToken> = {
  readonly [Name in Exclude<keyof InputsTable<Token>, OptionalOf<Token>>]: ValueOf<
    InputsTable<Token>[Name]
  >;
} & {
  readonly [Name in OptionalOf<Token> & keyof InputsTable<Token>]?:
    | ValueOf<InputsTable<Token>[Name]>
    | undefined;
};
