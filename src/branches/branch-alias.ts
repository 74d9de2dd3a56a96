import type { ReferenceCode, SupportedBranch } from './references.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseTag, type Tag } from '../image-reference.ts';

/** The shape of the tags that stand for build inputs (see `immutableTag`). */
const IMMUTABLE = /^[0-9a-f]{32}$/;

/** The alias that follows every refresh of the default branch (see the stack's images). */
const LATEST = 'latest';

type AliasedBranch = Pick<SupportedBranch, 'source' | 'branch' | 'alias'>;

/**
 * The tag that stands for a branch: its name with a dash for each sign that no tag has, after the prefix
 * of its source. `undefined` for one that is longer than a tag can be. It depends on nothing else, such
 * as other sources: another alias would be another pin.
 */
export function branchAlias(branch: string, prefix = ''): Tag | undefined {
  const fit = branch.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[.-]/, '_');
  return parseTag(`${prefix}${fit}`);
}

/** Why an alias can't be used beside the others; `undefined` when it can. */
export function aliasFlaw(
  own: AliasedBranch,
  all: readonly AliasedBranch[],
  keepAliases: readonly Tag[],
): ValueProblem<ReferenceCode> | undefined {
  const { alias } = own;
  const twin = all.find((other) => other !== own && other.alias === alias);
  const problem = `the tag ${quote(alias)} would stand for this branch`;
  if (twin !== undefined) {
    return {
      code: 'ALIAS_COLLISION',
      problem: `${problem}, and so would the branch ${quote(twin.branch)} of ${twin.source}`,
      remedy: 'set aliasPrefix at the source that is newer, since a changed alias is pinned anew',
    };
  }
  const reason = takenBy(alias, keepAliases);
  if (reason === undefined) return undefined;
  const remedy = 'set aliasPrefix at its source, or choose branches without it';
  return { code: 'ALIAS_COLLISION', problem: `${problem}, ${reason}`, remedy };
}

function takenBy(alias: string, keepAliases: readonly Tag[]): string | undefined {
  if (alias === LATEST) return 'but stands for the newest version';
  if (keepAliases.some((each) => each === alias)) return 'but is one of keepAliases';
  if (IMMUTABLE.test(alias)) return 'but has the shape of an immutable tag';
  return markedAt(alias) === undefined ? undefined : 'but has the shape of a grace marker';
}

const MARKER = /^unreferenced-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * The tag that remembers, at a version in the registry, when its last reference went: to the second, in
 * UTC, such as `unreferenced-20261124T173000Z`. The grace period counts from then, not from the upload.
 * Throws a RangeError for a date that is none, or beyond the years 0 to 9999.
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
  // A day that does not exist is read as one of the next month, if at all.
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined;
}
