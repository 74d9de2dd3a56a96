import { markedAt } from './grace-marker.ts';
import type { ReferenceCode } from './problem-code.ts';
import type { SupportedBranch } from './references.ts';
import type { Flaw } from '../yaml/value-rule.ts';
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
): Flaw<ReferenceCode> | undefined {
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
