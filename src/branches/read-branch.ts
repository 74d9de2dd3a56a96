import { patternBranchReader } from './read-pattern.ts';
import type { ReferencePlace } from './references.ts';
import type { ReferenceReader } from './source.ts';
import type { Tag } from '../image-reference.ts';
import { planTags } from '../tag/plan-tags.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { CommitTree } from '../commit-tree.ts';

/** What a reader found in a branch. Paths are those of the branch. */
export interface BranchReferences {
  readonly references: readonly {
    readonly image: string;
    readonly tag?: Tag;
    readonly place: ReferencePlace;
  }[];
  readonly problems: readonly Problem[];
}

/** A reader, ready for the branches of one repository, one after the other. */
export function branchReader(
  reader: ReferenceReader,
  path: string,
): (tree: CommitTree) => BranchReferences {
  if ('catalog' in reader) return (tree) => readCatalog(tree, reader.catalog);
  const read = patternBranchReader(reader);
  return (tree) => {
    const found = read(tree);
    if (found.references.length > 0 || found.problems.length > 0) return found;
    const where = found.files === 0 ? 'no file is at' : 'no line matches in';
    const problem = `${where} ${reader.files.join(', ')}`;
    const remedy = 'correct files and pattern, or leave the branch out';
    return { ...found, problems: [{ code: 'NO_REFERENCES', file: '', path, problem, remedy }] };
  };
}

function readCatalog(tree: CommitTree, file: string): BranchReferences {
  try {
    const references = planTags(tree, file).map(({ name, tag, line }) => ({
      image: name,
      tag,
      place: { file, line },
    }));
    return { references, problems: [] };
  } catch (error) {
    if (error instanceof InvalidInputError) return { references: [], problems: error.problems };
    throw error;
  }
}
