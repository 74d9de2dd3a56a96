import { branchAlias, namesOf } from '../branches/branch-alias.ts';
import { aliasPrefix } from '../branches/needs.ts';
import type { Source } from '../branches/source.ts';
import { DAY_MS, formatDay, parseDate } from '../dates.ts';
import { isImmutable, isPlatformTag, parseImageReference } from '../image-reference.ts';
import { inputError, type InvalidInputError } from '../problem.ts';
import { isAttachmentOnly } from '../retention/attachments.ts';
import { isOnlyMember } from '../retention/members.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/** An image in the registry: its versions, and the sources whose branches may have aliases of it. */
export interface HeldImage {
  readonly name: string;
  readonly versions: readonly HeldVersion[];
  readonly sources: readonly Pick<Source, 'name' | 'aliasPrefix'>[];
}

/** The versions that are no part of another one, the newest first. */
export function publications({ versions }: Pick<HeldImage, 'versions'>): readonly HeldVersion[] {
  return versions
    .filter((version) => !isOnlyMember(version) && !isAttachmentOnly(version) && !isStray(version))
    .toSorted((a, b) => b.uploadedAt.getTime() - a.uploadedAt.getTime());
}

/** Whether the version is the image for one platform, left by a run that ended before it pushed the index. */
function isStray({ tags }: HeldVersion): boolean {
  return tags.length > 0 && tags.every(isPlatformTag);
}

/**
 * Finds the version that a text names: a tag, a supported branch, a date, or the first digits of a digest or of an
 * immutable tag. Throws an InvalidInputError (UNKNOWN_VERSION) unless the text names exactly one.
 */
export function findVersion(image: HeldImage, text: string): HeldVersion {
  const name = withoutImage(image.name, text.trim());
  const held = publications(image);
  const ways = [taggedVersions, branchVersions, datedVersions, versionsOfDigits];
  for (const way of ways) {
    const named = new Set(way(image, name).flatMap(namedBy));
    const found = held.filter(({ digest }) => named.has(digest));
    const [first, second] = found;
    if (second !== undefined) throw ambiguous(image, text, found);
    if (first !== undefined) return first;
  }
  throw unknownVersion(image, text, name);
}

/** The tag or the digest of a reference to the image, such as a CI job has it; otherwise the text. */
function withoutImage(image: string, text: string): string {
  const { repository, tag, digest } =
    parseImageReference(text) ?? parseImageReference(`localhost/${text}`) ?? {};
  const isOwn = repository === image || repository?.endsWith(`/${image}`) === true;
  return (isOwn ? (digest ?? tag) : undefined) ?? text;
}

function taggedVersions({ versions }: HeldImage, name: string): readonly HeldVersion[] {
  return versions.filter(({ tags }) => tags.includes(name));
}

/**
 * The version of the alias of a branch, whose source may stand before it, as in `kubespray@release-2.31`. A branch that
 * needs several versions may have only longer aliases (see `neededTags`).
 */
function branchVersions(image: HeldImage, name: string): readonly HeldVersion[] {
  const [, source, branch = ''] =
    /^(?:([\w.-]+)@)?(?:refs\/heads\/|(?:refs\/remotes\/)?origin\/)?(.*)$/s.exec(name) ?? [];
  const aliases = image.sources
    .filter((each) => source === undefined || each.name === source)
    .flatMap((each) => branchAlias(branch, each.aliasPrefix) ?? []);
  const found = aliases.flatMap((alias) => taggedVersions(image, alias));
  if (found.length > 0) return found;
  const starts = aliases.map((alias) => `${aliasPrefix(alias)}-`);
  const isOne = (tag: string) =>
    /-[0-9a-f]{8}$/.test(tag) && starts.some((start) => tag.startsWith(start));
  return image.versions.filter(({ tags }) => tags.some(isOne));
}

/** The newest that had been published at that time, or at the end of that day in UTC. */
function datedVersions(image: HeldImage, name: string): readonly HeldVersion[] {
  const date = parseDate(name);
  if (date === undefined) return [];
  const until = date.getTime() + (name.includes('T') ? 0 : DAY_MS - 1);
  const newest = publications(image).find(({ uploadedAt }) => uploadedAt.getTime() <= until);
  return newest === undefined ? [] : [newest];
}

function versionsOfDigits({ versions }: HeldImage, name: string): readonly HeldVersion[] {
  const [, algorithm, digits = ''] = /^(sha256:)?([0-9a-f]{4,64})$/i.exec(name) ?? [];
  if (digits === '') return [];
  const start = digits.toLowerCase();
  return versions.filter(({ digest, tags }) => {
    if (digest.startsWith(`sha256:${start}`)) return true;
    const isTagged = tags.some((tag) => isImmutable(tag) && tag.startsWith(start));
    return algorithm === undefined && isTagged;
  });
}

/** The digests of the version, or of its indexes: it may be the image for one platform. */
function namedBy(version: HeldVersion): readonly string[] {
  return isOnlyMember(version) ? (version.indexes ?? []) : [version.digest];
}

/** The most names in a message. */
const MOST_NAMED = 12;

function ambiguous(
  image: HeldImage,
  text: string,
  found: readonly HeldVersion[],
): InvalidInputError {
  const names = found.map((version) => namesOf(version)[0] ?? version.digest);
  const problem = `${quote(text)} names ${found.length} versions of ${image.name}`;
  const remedy = `write one of ${names.slice(0, MOST_NAMED).join(', ')}`;
  return inputError('UNKNOWN_VERSION', problem, remedy);
}

function unknownVersion(image: HeldImage, text: string, name: string): InvalidInputError {
  const held = publications(image);
  const last = held.at(-1);
  const oldest = last === undefined ? '' : formatDay(last.uploadedAt);
  if (parseDate(name) !== undefined) {
    const problem = `the registry has no version of ${image.name} from ${quote(text)} or before`;
    const remedy = `choose a day since ${oldest}, when the oldest that is left was published`;
    return inputError('UNKNOWN_VERSION', problem, remedy);
  }
  const names = [...new Set(held.flatMap(namesOf))];
  const branches = image.sources.flatMap(({ aliasPrefix: prefix = '' }) =>
    names.flatMap((alias) => (alias.startsWith(prefix) ? alias.slice(prefix.length) : [])),
  );
  const known = [...names.slice(0, MOST_NAMED), `a date since ${oldest}`];
  const others = `write ${known.join(', ')}, or a digest that \`images retention\` lists`;
  const remedy = didYouMean(closest(name, [...names, ...branches]), others);
  const problem = `${image.name} has no version ${quote(text)}`;
  return inputError('UNKNOWN_VERSION', problem, remedy);
}
