import { posix } from 'node:path';
import { z } from 'zod';
import { isCron, isGitlabPipeline, isTimeZone } from './schedule.ts';
import {
  parseImageReference,
  parseRegistry,
  type Registry,
  type Repository,
} from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { isBranchName } from '../branch-name.ts';
import { isSecureAddress } from '../url.ts';

/** Stands for a value that is set, but that only the engine can decrypt. */
export const ENCRYPTED = Symbol('encrypted');

/** A Google Cloud project's id, with its domain where it has one: `example.com:some-project`. */
const PROJECT = /^(?:[a-z0-9][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const REGION = /^[a-z]+-[a-z]+[0-9]+$/;
/** A region, or a multi-region such as `us`. */
const LOCATION = /^[a-z]+(?:-[a-z]+[0-9]+)?$/;
/** "Repository names": lower-case letters, digits and hyphens, 63 of them at most, a letter first. */
const REPOSITORY_ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** The full name of a Cloud Build trigger. */
const TRIGGER = /^projects\/[^/\s]+\/locations\/[^/\s]+\/triggers\/[A-Za-z0-9-]{1,64}$/;
/**
 * An account, a group, a domain, or a federated identity ("IAM principals"). Mail addresses in lower
 * case: Google writes them so, and the difference would never go away.
 */
const MEMBER =
  /^(?:(?:user|group|serviceAccount):[^\s:@A-Z]+@[^\s:@A-Z]+|domain:[^\s:@A-Z]+|principal(?:Set)?:\/\/\S+)$/;
const PUBLIC = ['allUsers', 'allAuthenticatedUsers'] as const;

/** Ids of a host, which go into conditions. */
const TWO_NUMBERS = /^[1-9][0-9]{0,18}\/[1-9][0-9]{0,18}$/;

/**
 * A version of a key in Google's KMS, by the address that cosign has for it, too; a variable; `keyless`; or else a path.
 */
const SIGNING =
  /^(?:keyless|env:\/\/[A-Za-z_][A-Za-z0-9_]*|gcpkms:\/\/projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+\/cryptoKeyVersions\/[0-9]+|(?!.*:\/\/|.*-----)[^\s~][^\n]*)$/;

/** Public keys (RFC 7517): `d` would be the private half. */
const KeySet = z.object({
  keys: z
    .array(z.looseObject({ kty: z.enum(['RSA', 'EC']), kid: z.string(), d: z.never().optional() }))
    .min(1),
});

/** No characters that have a meaning in the text of a condition. */
const PLAIN = /^[\w./-]+$/;

/**
 * The settings of a stack by key, each checked on its own. Flags, numbers and lists come as such from
 * a file, and as text (JSON) from the engine. Defaults are in Pulumi.yaml, and nowhere else.
 */
export const SettingValues = z.strictObject({
  // Of the next four, checkDestination says which a destination needs, and which it can't have.
  destination: textAs(parseDestination).optional(),
  'gcp:project': z.string().regex(PROJECT).optional(),
  'gcp:region': z.string().regex(REGION).optional(),
  repositoryId: z.string().regex(REPOSITORY_ID).optional(),
  // Settings of plug-ins: these would put a login into the state.
  'gcp:accessToken': z.unknown().optional(),
  'gcp:credentials': z.unknown().optional(),
  'gcp:externalCredentials': z.unknown().optional(),
  'docker:registryAuth': z.unknown().optional(),
  'gcp:artifactRegistryCustomEndpoint': z.string().refine(hasNoAccount).optional(),
  mirrors: listOf(textAs(parsePlace)),
  part: z.enum(['all', 'daily', 'access']),
  location: z.string().regex(LOCATION).optional(),
  registry: textAs(parseRegistry).optional(),
  catalog: z.string().refine(isInsideCheckout),
  retention: z.string().refine(isInsideCheckout),
  source: z.string().refine(isPublicAddress).optional(),
  readers: listOf(z.union([z.enum(PUBLIC), z.string().regex(MEMBER)])),
  writers: listOf(z.string().regex(MEMBER)),
  enableApis: flag(),
  gitlabProject: z.string().regex(TWO_NUMBERS).optional(),
  gitlabIssuer: z.string().refine(isIssuer),
  gitlabKeys: z.string().refine(isKeySet).optional(),
  gitlabBranch: z.string().refine(isBranchName).regex(PLAIN),
  githubRepository: z.string().regex(TWO_NUMBERS).optional(),
  githubIssuer: z.string().refine(isPlainIssuer).optional(),
  githubKeys: z.string().refine(isKeySet).optional(),
  githubBranch: z.string().refine(isBranchName).regex(PLAIN),
  // Checked one by one by parseBuilders.
  builders: listOf(z.unknown()),
  buildTimeoutSeconds: wholeNumber(1, 86_400),
  googleTimeoutSeconds: wholeNumber(1, 86_400),
  verify: flag(),
  verifyTimeoutSeconds: wholeNumber(1, 86_400),
  previewBuilds: wholeNumber(0, 1000),
  previewBuildSeconds: wholeNumber(1, 86_400),
  previewBuildGigabytes: wholeNumber(1, 1000),
  signing: z.string().regex(SIGNING).optional(),
  // Checked one by one by parseSigners.
  signers: listOf(z.unknown()),
  signingFulcio: z.string().refine(isService).optional(),
  signingRekor: z.string().refine(isService).optional(),
  signingTrustedRoot: z.string().refine(isInsideCheckout).optional(),
  adopt: z.enum(['labelled', 'signed']),
  refreshTrigger: z.string().regex(TRIGGER).optional(),
  refreshPipeline: z.string().refine(isGitlabPipeline).optional(),
  refreshPipelineRef: z.string().refine(isBranchName),
  refreshPipelineToken: z.custom<typeof ENCRYPTED>((value) => value === ENCRYPTED).optional(),
  refreshSchedule: z.string().refine(isCron),
  refreshTimeZone: z.string().refine(isTimeZone),
  refreshRetries: wholeNumber(0, 5),
  refreshDeadlineSeconds: wholeNumber(15, 1800),
  refreshPaused: flag(),
  refreshChanges: z.enum(['merge-request', 'commit']),
});

export type SettingValues = z.output<typeof SettingValues>;

export type SettingKey = keyof SettingValues;

const MEMBERS =
  'such as group:ci@example.com or serviceAccount:name@project.iam.gserviceaccount.com';

/** How each setting is written, as the remedy for one that isn't. */
export const SETTING_REMEDIES = {
  destination:
    'write managed, borrowed, or the host and path of a registry in lower case, such as quay.io/kubespray, without https://',
  mirrors:
    'write a list of hosts with a path in lower case, such as [quay.io/kubespray], without https://',
  'gcp:project': 'write the id of a Google Cloud project such as k8s-staging-images',
  'gcp:region': 'write a region such as us-central1',
  part: 'write all, or daily and access for two stacks',
  'gcp:accessToken': 'set the variable GOOGLE_OAUTH_ACCESS_TOKEN instead',
  'gcp:credentials': 'set the variable GOOGLE_APPLICATION_CREDENTIALS instead',
  'gcp:externalCredentials': 'set the variable GOOGLE_APPLICATION_CREDENTIALS instead',
  'docker:registryAuth': 'log in with `docker login` instead',
  'gcp:artifactRegistryCustomEndpoint': 'write an address without an account, or leave it out',
  repositoryId: 'write up to 63 lower-case letters, digits and hyphens, a letter first',
  location: 'write a region or multi-region such as us-central1 or us, or leave it out',
  registry: 'write a host such as us-central1-docker.pkg.dev or 127.0.0.1:5000, without https://',
  catalog: 'write a path relative to the checkout such as config/images.yml',
  retention: 'write a path relative to the checkout such as config/retention.yml',
  source: 'write an https address without credentials, or leave it out',
  readers: `write a list of allUsers or of members in lower case ${MEMBERS}`,
  writers: `write a list of members in lower case ${MEMBERS}; the public must not write`,
  enableApis: 'write true or false',
  gitlabProject:
    'write <namespace id>/<project id>, two numbers such as 9970/278964, or leave it out',
  gitlabIssuer: 'write the address of GitLab with a slash at its end, such as https://gitlab.com/',
  gitlabKeys: "write what GitLab's /oauth/discovery/keys has, public keys only, or leave it out",
  gitlabBranch: 'write the branch that publishes, such as main',
  githubRepository:
    'write <owner id>/<repository id>, two numbers such as 13629408/20580498, or leave it out',
  githubIssuer:
    'write the issuer without a slash at its end, such as https://github.example.com/_services/token, or leave it out',
  githubKeys: "write what the issuer's .well-known/jwks has, public keys only, or leave it out",
  githubBranch: 'write the branch that publishes, such as main',
  builders: 'write a list of mappings, each with a name and platforms',
  buildTimeoutSeconds: 'write a whole number of seconds, at most a day',
  googleTimeoutSeconds: 'write a whole number of seconds, at most a day',
  verify: 'write true or false',
  verifyTimeoutSeconds: 'write a whole number of seconds, at most a day',
  previewBuilds: 'write a whole number from 0 to 1000',
  previewBuildSeconds: 'write a whole number of seconds, at most a day',
  previewBuildGigabytes: 'write a whole number from 1 to 1000',
  signing:
    'write keyless, gcpkms://projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>/cryptoKeyVersions/<number>, env://<variable>, or the path of a key file, never the key itself; or leave it out',
  signers:
    'write a list of mappings, each with the publicKey of a signer, or with its issuer and identity',
  signingFulcio: 'write an https address without an account, or leave it out',
  signingRekor: 'write an https address without an account, or leave it out',
  signingTrustedRoot:
    'write a path relative to the checkout such as config/trusted-root.json, or leave it out',
  adopt: 'write labelled or signed',
  refreshTrigger: 'write projects/<project>/locations/<location>/triggers/<name>, or leave it out',
  refreshPipeline:
    'write https://gitlab.example.com/api/v4/projects/<id, or path with %2F for each slash>/trigger/pipeline, or leave it out',
  refreshPipelineRef: 'write the branch or tag that the pipeline runs for, such as main',
  refreshPipelineToken:
    'run `pulumi config set --secret refreshPipelineToken` and give it a new pipeline trigger token of the GitLab project',
  refreshSchedule: 'write five cron fields such as "0 3 * * *" (hour 0 is midnight)',
  refreshTimeZone: 'write a time zone such as Etc/UTC or Europe/Berlin',
  refreshRetries: 'write a whole number from 0 to 5',
  refreshDeadlineSeconds: 'write a whole number of seconds from 15 to 1800',
  refreshPaused: 'write true or false',
  refreshChanges: 'write merge-request or commit',
} as const satisfies Record<SettingKey, string>;

function flag() {
  const text = z.enum(['true', 'false']).transform((value) => value === 'true');
  return z.union([z.boolean(), text]);
}

function wholeNumber(least: number, most: number) {
  const text = z.string().regex(/^\d+$/).transform(Number);
  return z.union([z.number(), text]).pipe(z.int().min(least).max(most));
}

function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? parseJson(value) : value),
    z.array(item),
  );
}

/** Text that `parse` understands, as what it returns. */
export function textAs<Value>(parse: (text: string) => Value | undefined) {
  return z.string().transform((text, context): Value => {
    const value = parse(text);
    if (value === undefined) context.addIssue('not valid');
    return value ?? z.NEVER;
  });
}

/** Where images go: a repository of Artifact Registry, or any registry. */
export type Destination =
  /** The stack declares the repository with its policies and grants. */
  | { readonly kind: 'managed' }
  /** The repository is there, and others own it. */
  | { readonly kind: 'borrowed' }
  /** Another registry; Google has no part in it. */
  | ({ readonly kind: 'plain' } & RegistryPath);

function parseDestination(text: string): Destination | undefined {
  if (text === 'managed' || text === 'borrowed') return { kind: text };
  const place = parsePlace(text);
  return place && { kind: 'plain', ...place };
}

/** A registry, and the path below which it has the repositories of images. */
interface RegistryPath {
  readonly registry: Registry;
  readonly path: Repository;
}

function parsePlace(text: string): RegistryPath | undefined {
  const { registry, repository, tag, digest } = parseImageReference(text) ?? {};
  if (registry === undefined || repository === undefined || tag || digest) return undefined;
  // Logins, and what is known of a registry, are found by its name.
  if (registry !== registry.toLowerCase()) return undefined;
  return { registry, path: repository };
}

function isInsideCheckout(path: string): boolean {
  return !/^(?:\/|\.\.?(?:\/|$))/.test(path) && posix.normalize(path) === path;
}

function isKeySet(text: string): boolean {
  return KeySet.safeParse(parseJson(text)).success;
}

/** GitHub's own, which ends without a slash. */
function isPlainIssuer(text: string): boolean {
  return !text.endsWith('/') && isIssuer(`${text}/`);
}

/** Of an instance that may be below a path. */
function isIssuer(text: string): boolean {
  return (
    isPublicAddress(text) &&
    /^https:\/\/(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?\/(?:[\w~-][\w.~-]*\/)*$/.test(text)
  );
}

function isService(text: string): boolean {
  return isSecureAddress(text) && hasNoAccount(text);
}

function isPublicAddress(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:' && hasNoAccount(text);
}

function hasNoAccount(text: string): boolean {
  const url = URL.parse(text);
  return url === null || (url.username === '' && url.password === '');
}
