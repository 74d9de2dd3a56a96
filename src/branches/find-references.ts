import { aliasFlaw } from './branch-alias.ts';
import { orderNeeds } from './order-needs.ts';
import { readSource, type ReadSource, type SourcePlace } from './read-source.ts';
import type { References } from './references.ts';
import { RepositoryUnreachable, type OpenSource } from './source-repository.ts';
import type { Source } from './source.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';

/** What the retention file says about references. */
export interface ReferenceRules {
  readonly sources: readonly Source[];
  readonly keepAliases: readonly Tag[];
}

/**
 * What the supported branches of all sources need. `file` is the path of the retention file, for
 * messages about what it names; those about a branch stand at `<source>@<branch>:<path>`.
 *
 * Fails closed: throws one InvalidInputError with everything that keeps a need from being known (each
 * code is a `ReferenceCode` or one of the catalog's), and never returns a part.
 */
export function findReferences(
  { sources, keepAliases }: ReferenceRules,
  file: string,
  open: OpenSource,
): References {
  const read = sources.map((source, at) => {
    const place: SourcePlace = { file, path: `sources[${at}]` };
    return { place, ...readOrExplain(source, place, open) };
  });
  const problems = [...read.flatMap((each) => each.problems), ...checkAliases(read, keepAliases)];
  if (problems.length > 0) throw new InvalidInputError(withoutRepeats(problems));
  return {
    branches: read.flatMap(({ branches }) => branches),
    needs: orderNeeds(read.flatMap(({ needs }) => needs)),
  };
}

function readOrExplain(source: Source, place: SourcePlace, open: OpenSource): ReadSource {
  try {
    return readSource(source, open(source), place);
  } catch (error) {
    if (!(error instanceof RepositoryUnreachable)) throw error;
    const problem: Problem = {
      code: 'REPOSITORY_UNREACHABLE',
      file: place.file,
      path: `${place.path}.repository`,
      problem: `${source.name}: ${source.repository} can't be read: ${error.message}`,
      remedy: 'correct the address, or give git access to it; no policy changes until then',
    };
    return { branches: [], needs: [], problems: [problem] };
  }
}

function checkAliases(
  read: readonly (ReadSource & { readonly place: SourcePlace })[],
  keepAliases: ReferenceRules['keepAliases'],
): readonly Problem[] {
  const all = read.flatMap(({ branches }) => branches);
  return read.flatMap(({ branches, place: { file, path } }) =>
    branches.flatMap((branch): Problem[] => {
      const flaw = aliasFlaw(branch, all, keepAliases);
      if (flaw === undefined) return [];
      const problem = `${branch.source}@${branch.branch}: ${flaw.problem}`;
      return [{ file, path: `${path}.branches`, ...flaw, problem }];
    }),
  );
}

/** Two readers may stumble over the same file. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}
