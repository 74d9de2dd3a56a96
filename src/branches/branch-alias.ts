import type { ReferenceCode, SupportedBranch } from './references.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { isImmutable, isPlatformTag, LATEST, parseTag, type Tag } from '../image-reference.ts';

/**
 * The tag that stands for a branch: the prefix of its source and the branch's name, with a dash for each
 * character that a tag can't have. `undefined` when that is longer than a tag can be.
 *
 * The alias depends on nothing else, such as other sources: a branch with a new alias gets a new pin.
 */
export function branchAlias(branch: string, prefix = ''): Tag | undefined {
  const fit = branch.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[.-]/, '_');
  return parseTag(`${prefix}${fit}`);
}

export function aliasProblem(
  own: SupportedBranch,
  all: readonly SupportedBranch[],
  keepAliases: readonly Tag[],
): ValueProblem<ReferenceCode> | undefined {
  const collision = (reason: string, remedy: string) => {
    const problem = `the tag ${quote(own.alias)} would stand for this branch, ${reason}`;
    return { code: 'ALIAS_COLLISION', problem, remedy } as const;
  };
  const twin = all.find((other) => other !== own && other.alias === own.alias);
  if (twin !== undefined) {
    return collision(
      `and so would the branch ${quote(twin.branch)} of ${twin.source}`,
      'set aliasPrefix at the source that is newer, since a changed alias is pinned anew',
    );
  }
  const other = otherMeaning(own.alias, keepAliases);
  if (other === undefined) return undefined;
  return collision(other, 'set aliasPrefix at its source, or choose branches without it');
}

function otherMeaning(alias: Tag, keepAliases: readonly Tag[]): string | undefined {
  if (alias === LATEST) return 'but stands for the newest version';
  if (keepAliases.includes(alias)) return 'but is one of keepAliases';
  if (isImmutable(alias)) return 'but has the shape of an immutable tag';
  if (isPlatformTag(alias)) return 'but has the shape of a platform tag';
  return markedAt(alias) === undefined ? undefined : 'but has the shape of a grace marker';
}

const MARKER = /^unreferenced-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * The tag that records, at a version in the registry, when its last reference went: to the second, in
 * UTC, such as `unreferenced-20261124T173000Z`.
 */
export function graceMarker(date: Date): Tag {
  return `unreferenced-${date.toISOString().replaceAll(/\.\d+|[-:]/g, '')}` as Tag;
}

/** When the version with this tag lost its last reference; `undefined` for a tag that is no marker. */
export function markedAt(tag: string): Date | undefined {
  const text = tag.replace(MARKER, '$1-$2-$3T$4:$5:$6.000Z');
  if (text === tag) return undefined;
  const date = new Date(text);
  // Date reads a day that does not exist as one of the next month, if at all.
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined;
}

/** The tags that people know a version by. */
export function namesOf({ tags }: { readonly tags: readonly string[] }): readonly string[] {
  const isForPrograms = (tag: string) =>
    isImmutable(tag) || isPlatformTag(tag) || markedAt(tag) !== undefined;
  return tags.filter((tag) => !isForPrograms(tag)).sort();
}
