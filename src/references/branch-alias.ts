import { markedAt } from './grace-marker.ts';
import type { ReferenceCode } from './problem-code.ts';
import type { SupportedBranch } from './references.ts';
import type { Flaw } from '../document/value-rule.ts';
import { quote } from '../document/wording.ts';
import { parseTag, type Tag } from '../image-reference.ts';

/** The shape of the tags that stand for build inputs (see `immutableTag`). */
const IMMUTABLE = /^[0-9a-f]{32}$/;

/** The alias that follows every refresh of the default branch (see the stack's images). */
const LATEST = 'latest';

type AliasedBranch = Pick<SupportedBranch, 'source' | 'branch' | 'alias'>;

/**
 * The tag that stands for a branch: its name with a dash for each sign that no tag has. With several
 * sources their name comes before it. `undefined` for a name that is longer than a tag can be.
 */
export function branchAlias(
  source: string,
  branch: string,
  isOnlySource: boolean,
): Tag | undefined {
  const fit = branch.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[.-]/, '_');
  return parseTag(isOnlySource ? fit : `${source}-${fit}`);
}

/** Why an alias can't be used beside the others; `undefined` when it can. */
export function aliasFlaw(
  own: AliasedBranch,
  all: readonly AliasedBranch[],
  keepAliases: readonly Tag[],
): Flaw<ReferenceCode> | undefined {
  const { alias } = own;
  const twin = all.find((other) => other !== own && other.alias === alias);
  const reason =
    twin === undefined
      ? takenBy(alias, keepAliases)
      : `and so would the branch ${quote(twin.branch)} of ${twin.source}`;
  if (reason === undefined) return undefined;
  return {
    code: 'ALIAS_COLLISION',
    problem: `the tag ${quote(alias)} would stand for this branch, ${reason}`,
    remedy: 'rename the branch, or choose branches without it',
  };
}

function takenBy(alias: string, keepAliases: readonly Tag[]): string | undefined {
  if (alias === LATEST) return 'but stands for the newest version';
  if (keepAliases.some((each) => each === alias)) return 'but is one of keepAliases';
  if (IMMUTABLE.test(alias)) return 'but has the shape of an immutable tag';
  return markedAt(alias) === undefined ? undefined : 'but has the shape of a grace marker';
}
