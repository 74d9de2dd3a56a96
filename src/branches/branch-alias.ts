import type { ReferenceCode, SupportedBranch } from './references.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseTag, type Tag } from '../image-reference.ts';

/** The shape of immutable tags (see `immutableTag`). */
const IMMUTABLE = /^[0-9a-f]{32}$/;

/** The alias of what the stack published last (see `infra/components`). */
const LATEST = 'latest';

type AliasedBranch = Pick<SupportedBranch, 'source' | 'branch' | 'alias'>;

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

/** Why an alias can't be used beside the others; `undefined` when it can. */
export function aliasProblem(
  own: AliasedBranch,
  all: readonly AliasedBranch[],
  keepAliases: readonly Tag[],
): ValueProblem<ReferenceCode> | undefined {
  const twin = all.find((other) => other !== own && other.alias === own.alias);
  const reason =
    twin === undefined
      ? otherMeaning(own.alias, keepAliases)
      : `and so would the branch ${quote(twin.branch)} of ${twin.source}`;
  if (reason === undefined) return undefined;
  return {
    code: 'ALIAS_COLLISION',
    problem: `the tag ${quote(own.alias)} would stand for this branch, ${reason}`,
    remedy:
      twin === undefined
        ? 'set aliasPrefix at its source, or choose branches without it'
        : 'set aliasPrefix at the source that is newer, since a changed alias is pinned anew',
  };
}

function otherMeaning(alias: string, keepAliases: readonly string[]): string | undefined {
  if (alias === LATEST) return 'but stands for the newest version';
  if (keepAliases.includes(alias)) return 'but is one of keepAliases';
  if (IMMUTABLE.test(alias)) return 'but has the shape of an immutable tag';
  return markedAt(alias) === undefined ? undefined : 'but has the shape of a grace marker';
}

const MARKER = /^unreferenced-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * The tag that records, at a version in the registry, when its last reference went: to the second, in
 * UTC, such as `unreferenced-20261124T173000Z`. The grace period counts from then, not from the upload.
 * Throws a RangeError for an invalid date and for years beyond 0 to 9999.
 */
export function graceMarker(date: Date): Tag {
  const text = date.toISOString().replace(/\.\d+Z$/, 'Z');
  const marker = parseTag(`unreferenced-${text.replaceAll(/[-:]/g, '')}`);
  if (marker === undefined || !MARKER.test(marker)) {
    throw new RangeError(`no marker can be written for ${text}`);
  }
  return marker;
}

/** When the version with this tag lost its last reference; `undefined` for a tag that is no marker. */
export function markedAt(tag: string): Date | undefined {
  const [, year, month, day, hour, minute, second] = MARKER.exec(tag) ?? [];
  if (second === undefined) return undefined;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(text);
  // Date reads a day that does not exist as one of the next month, if at all.
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined;
}
