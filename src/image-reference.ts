/** `sha256:` and 64 hexadecimal digits: the name of exactly one manifest. */
export type Digest = string & { readonly __brand: 'Digest' };

/** A tag the registry grammar accepts: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`. */
export type Tag = string & { readonly __brand: 'Tag' };

/** A path inside a registry that holds one image's versions, such as `library/debian`. */
export type Repository = string & { readonly __brand: 'Repository' };

/** A registry's host, with its port where it has one, such as `127.0.0.1:5000`. */
export type Registry = string & { readonly __brand: 'Registry' };

/** `registry/repository[:tag][@digest]`, always with its registry spelled out. */
export interface ImageReference {
  readonly registry: Registry;
  readonly repository: Repository;
  readonly tag?: Tag;
  readonly digest?: Digest;
}

// Grammar: OCI distribution spec, "Pulling manifests"; hosts as in distribution/reference.
const DIGEST = /^sha256:[a-f0-9]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const COMPONENT = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/.source;
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const HOST_PART = /[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/.source;
const REGISTRY = new RegExp(
  `^(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[A-Fa-f0-9:]+\\])(?::[0-9]+)?$`,
);

/** Docker Hub's limit on `registry/repository`, in characters, kept by distribution/reference. */
export const LONGEST_NAME = 255;

export function parseDigest(text: string): Digest | undefined {
  return DIGEST.test(text) ? (text as Digest) : undefined;
}

export function parseTag(text: string): Tag | undefined {
  return TAG.test(text) ? (text as Tag) : undefined;
}

/** An immutable tag: 32 hexadecimal digits (see `immutableTag`). */
const IMMUTABLE = /^[0-9a-f]{32}$/;

export function isImmutable(tag: string | undefined): tag is Tag {
  return tag !== undefined && IMMUTABLE.test(tag);
}

/** The tag of one platform of an image: an immutable tag, the operating system, the architecture and its variant. */
const OF_PLATFORM = /^[0-9a-f]{32}(?:-[\w.]+){2,3}$/;

export function isPlatformTag(tag: string): tag is Tag {
  return OF_PLATFORM.test(tag);
}

/** The alias of the version that the stack published last. */
export const LATEST = 'latest' as Tag;

export function parseRepository(text: string): Repository | undefined {
  return text.length <= LONGEST_NAME && REPOSITORY.test(text) ? (text as Repository) : undefined;
}

/** The path of an image below a prefix, such as `project/ci/debian-12`. Throws for a name that no image can have. */
export function pathBelow(prefix: string, image: string): Repository {
  const path = parseRepository(`${prefix}/${image}`);
  if (path === undefined) throw new Error(`${image} is no name that an image can have`);
  return path;
}

export function parseRegistry(text: string): Registry | undefined {
  return REGISTRY.test(text) ? (text as Registry) : undefined;
}

const REFERENCE = /^([^/@]*)\/([^:@]*)(?::([^@]*))?(?:@(.*))?$/s;

/**
 * Parses a fully qualified reference; `undefined` for anything else. A name without a registry
 * (`debian:12`) is rejected, since its meaning depends on the machine that reads it.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const [, host = '', path = '', tagText, digestText] = REFERENCE.exec(text) ?? [];
  // The rule of distribution/reference: a first component without dot, port or "localhost" is a path.
  if (!/[.:]/.test(host) && host !== 'localhost') return undefined;
  const registry = parseRegistry(host);
  const repository = parseRepository(path);
  const tag = tagText === undefined ? undefined : parseTag(tagText);
  const digest = digestText === undefined ? undefined : parseDigest(digestText);
  if (registry === undefined || repository === undefined) return undefined;
  if (tagText !== undefined && tag === undefined) return undefined;
  if (digestText !== undefined && digest === undefined) return undefined;
  return { registry, repository, tag, digest };
}

export function formatImageReference({
  registry,
  repository,
  tag,
  digest,
}: ImageReference): string {
  const tagPart = tag === undefined ? '' : `:${tag}`;
  const digestPart = digest === undefined ? '' : `@${digest}`;
  return `${registry}/${repository}${tagPart}${digestPart}`;
}

/** An image by its name, as in the catalog: alone, or with the tag or the digest of a version. */
export interface NamedImage {
  readonly image: string;
  readonly tag?: Tag;
  /** Never together with a tag. */
  readonly digest?: Digest;
}
