import type { Destination, SettingValues } from './setting-values.ts';
import { parseBuilders, type Builder } from './builders.ts';
import { parseSigners, type Signer } from './signers.ts';
import {
  parseRegistry,
  parseRepository,
  type Registry,
  type Repository,
} from '../image-reference.ts';

export type { Destination };

/**
 * Where a stack publishes to and what, who may use it, and when it is refreshed. `Pulumi.yaml` describes
 * each value.
 */
export interface Settings extends Pick<
  SettingValues,
  'part' | 'source' | 'readers' | 'writers' | 'enableApis' | 'adopt' | 'refreshChanges' | 'mirrors'
> {
  readonly destination: Destination;
  /** The Google Cloud project. With a plain destination, this and the region are empty unless there is a schedule. */
  readonly project: string;
  readonly region: string;
  /** Of the Artifact Registry repository: a region or a multi-region. Empty with a plain destination. */
  readonly location: string;
  /** Of the Artifact Registry repository; with a plain destination, what the schedule is named after. */
  readonly repositoryId: string;
  /** Host that images are pushed to, with its port if it has one. */
  readonly registry: Registry;
  /** Path in the registry below which each image has its repository. */
  readonly repositoryPrefix: Repository;
  /** The catalog's path in the checkout. */
  readonly catalogFile: string;
  /** The retention file's path in the checkout. */
  readonly retentionFile: string;
  /** Absent when nothing is to be started on a schedule. */
  readonly refresh: RefreshSettings | undefined;
  /** Where images are built; none for wherever Docker's own configuration leads. */
  readonly builders: readonly Builder[];
  /** Seconds that a build may take, its push included. */
  readonly buildTimeout: number;
  /** Seconds within which Google must make a change, retries included. */
  readonly googleTimeout: number;
  /** Seconds that an image has to come up in before `latest` moves to it; absent when it need not. */
  readonly verifyTimeout: number | undefined;
  readonly previewBuilds: PreviewBuilds;
  /** What signs publications, as `parseSigningKey` reads it; absent where nothing does. */
  readonly signing: string | undefined;
  /** Whose signatures are accepted. */
  readonly signers: readonly Signer[];
  readonly sigstore: SigstoreSettings;
  /** Whose pipelines may become the deployer and the previewer; absent where the stack does not say. */
  readonly identity: IdentitySettings | undefined;
}

/** What the pipeline of a merge request may build of what it changes. */
interface PreviewBuilds {
  /** Images, each for all of its platforms; 0 for none. */
  readonly most: number;
  /** For all of them together. */
  readonly seconds: number;
  /** On the disk of the Docker Engine, for all of them. */
  readonly bytes: number;
}

/** Where the private key is. A variable has the PEM, or a path. */
export type SigningKey =
  | { readonly kind: 'keyless' }
  | { readonly kind: 'kms'; readonly version: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

/** What certifies identities and logs signatures; absent for the public instance of Sigstore. */
interface SigstoreSettings {
  readonly fulcio: string | undefined;
  readonly rekor: string | undefined;
  /** The path of its trusted root in the checkout. */
  readonly trustedRootFile: string | undefined;
}

/** One host at least. */
export interface IdentitySettings {
  readonly gitlab?: GitlabIdentity;
  readonly github?: GithubIdentity;
}

/** A project on GitLab, by its numbers. */
export interface GitlabIdentity {
  /** With a slash at its end, as GitLab's tokens have it. */
  readonly issuer: string;
  /** Its public keys, as JSON (RFC 7517), where Google cannot request them from the issuer. */
  readonly keys?: string;
  /** Of the group or the user that the project belongs to. */
  readonly namespaceId: string;
  readonly projectId: string;
  /** Whose pipelines deploy: `main`. */
  readonly branch: string;
}

/** A repository on GitHub, by its numbers. */
export interface GithubIdentity {
  /** Of an enterprise's own GitHub; absent for github.com. */
  readonly issuer?: string | undefined;
  /** Its public keys (RFC 7517), where Google can't request them from it. */
  readonly keys?: string | undefined;
  readonly ownerId: string;
  readonly repositoryId: string;
  /** Whose workflows deploy: `main`. */
  readonly branch: string;
}

/** When the refresh starts. */
export interface RefreshSettings {
  /**
   * The full name of a Cloud Build trigger; or the URL where GitLab starts pipelines of the project, for a
   * branch or tag. The token of a GitLab pipeline is not here: only the engine can read it.
   */
  readonly start:
    | { readonly kind: 'cloud-build'; readonly trigger: string }
    | { readonly kind: 'gitlab-pipeline'; readonly url: string; readonly ref: string };
  /** Five cron fields, in the time zone. */
  readonly schedule: string;
  readonly timeZone: string;
  readonly retries: number;
  readonly deadlineSeconds: number;
  readonly paused: boolean;
}

/** The settings that follow from values of which each is valid. */
export function settingsOf(values: SettingValues): Settings {
  const { readers, writers, enableApis, refreshChanges, source } = values;
  return {
    ...placeOf(values),
    part: values.part,
    mirrors: values.mirrors,
    catalogFile: values.catalog,
    retentionFile: values.retention,
    source,
    readers,
    writers,
    enableApis,
    refreshChanges,
    refresh: refreshOf(values),
    builders: parseBuilders(values.builders).builders,
    buildTimeout: values.buildTimeoutSeconds,
    googleTimeout: values.googleTimeoutSeconds,
    verifyTimeout: values.verify ? values.verifyTimeoutSeconds : undefined,
    previewBuilds: {
      most: values.previewBuilds,
      seconds: values.previewBuildSeconds,
      bytes: values.previewBuildGigabytes * 1e9,
    },
    signing: values.signing,
    signers: parseSigners(values.signers).signers,
    sigstore: {
      fulcio: values.signingFulcio,
      rekor: values.signingRekor,
      trustedRootFile: values.signingTrustedRoot,
    },
    adopt: values.adopt,
    identity: identityOf(values),
  };
}

/** Parses the setting `signing`, which is valid. */
export function parseSigningKey(signing: string): SigningKey {
  if (signing === 'keyless') return { kind: 'keyless' };
  const [, scheme, rest = ''] = /^(gcpkms|env):\/\/(.*)$/.exec(signing) ?? [];
  if (scheme === 'gcpkms') return { kind: 'kms', version: rest };
  return scheme === 'env' ? { kind: 'variable', name: rest } : { kind: 'file', path: signing };
}

function placeOf(values: SettingValues) {
  const { destination = { kind: 'managed' } as const, repositoryId = '' } = values;
  const { 'gcp:project': project = '', 'gcp:region': region = '', location = region } = values;
  if (destination.kind === 'plain') {
    const { registry, path } = destination;
    const name = path.replace(/.*\//, '').replaceAll(/[^a-z0-9]+/g, '-');
    const place = { destination, project, region, location: '', repositoryId: name };
    return { ...place, registry, repositoryPrefix: path };
  }
  const registry = values.registry ?? parseRegistry(`${location}-docker.pkg.dev`);
  // A domain's colon is no character of a path: Docker has a slash in its place.
  const repositoryPrefix = parseRepository(`${project.replace(':', '/')}/${repositoryId}`);
  if (registry === undefined || repositoryPrefix === undefined) {
    throw new Error(`no address follows from ${location}, ${project} and ${repositoryId}`);
  }
  return { destination, project, region, location, repositoryId, registry, repositoryPrefix };
}

function identityOf(values: SettingValues): IdentitySettings | undefined {
  const { gitlabProject, gitlabIssuer: issuer, gitlabBranch, githubRepository } = values;
  const { gitlabKeys: keys } = values;
  if (gitlabProject === undefined && githubRepository === undefined) return undefined;
  const [namespaceId = '', projectId = ''] = gitlabProject?.split('/') ?? [];
  const [ownerId = '', repositoryId = ''] = githubRepository?.split('/') ?? [];
  const gitlab = { issuer, keys, namespaceId, projectId, branch: gitlabBranch };
  const github = {
    issuer: values.githubIssuer,
    keys: values.githubKeys,
    ownerId,
    repositoryId,
    branch: values.githubBranch,
  };
  return {
    gitlab: gitlabProject === undefined ? undefined : gitlab,
    github: githubRepository === undefined ? undefined : github,
  };
}

function refreshOf(values: SettingValues): RefreshSettings | undefined {
  const { refreshTrigger: trigger, refreshPipeline: url, refreshPipelineRef: ref } = values;
  const pipeline = url === undefined ? undefined : ({ kind: 'gitlab-pipeline', url, ref } as const);
  const start = trigger === undefined ? pipeline : ({ kind: 'cloud-build', trigger } as const);
  if (start === undefined) return undefined;
  return {
    start,
    schedule: values.refreshSchedule,
    timeZone: values.refreshTimeZone,
    retries: values.refreshRetries,
    deadlineSeconds: values.refreshDeadlineSeconds,
    paused: values.refreshPaused,
  };
}
