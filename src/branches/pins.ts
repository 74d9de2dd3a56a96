import type { Need, ReferenceCode, SupportedBranch } from './references.ts';
import type { Pin } from './source.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';
import { parseDigest, parseTag } from '../image-reference.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import type { Problem } from '../problem.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/** Branch → image → tag or digest, as a retention file has them. */
type WrittenPins = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The `pins` of a source in the retention file (not those of a catalog), with their places; `path` leads to them. */
export function readBranchPins(
  written: WrittenPins,
  path: DocumentPath,
  document: Pick<YamlDocument, 'scalarAt'>,
): readonly Pin[] {
  return Object.entries(written).flatMap(([branch, images]) =>
    Object.entries(images).map(([image, version]): Pin => {
      const { line, column } = document.scalarAt([...path, branch, image]) ?? {};
      const digest = parseDigest(version);
      const tag = digest === undefined ? parseTag(version) : undefined;
      return { branch, image, tag, digest, line, column };
    }),
  );
}

/** What is known of a source when its pins are checked. */
interface PinnedSource {
  /** All branches of the repository. */
  readonly names: ReadonlySet<string>;
  /** The supported ones. */
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
}

type PinProblem = Omit<Problem, 'code' | 'path'> & { readonly code: ReferenceCode };

/**
 * Finds the pins that pin nothing. A pin of a branch or an image that the source does not have is a problem, since
 * the name is misspelled. A pin of a branch that is no longer supported, or of an image that the branch no longer
 * names alone, is a warning: an edit of another repository must not stop a run.
 */
export function checkPins(pins: readonly Pin[], { names, branches, needs }: PinnedSource) {
  const problems: PinProblem[] = [];
  const warnings: string[] = [];
  for (const { branch, image, line, column } of pins) {
    const report = (problem: string, near: string | undefined) => {
      const remedy = didYouMean(near, 'delete the line');
      problems.push({ code: 'UNKNOWN_PIN', line, column, problem, remedy });
    };
    if (!names.has(branch)) {
      report(`there is no branch ${quote(branch)} to pin`, closest(branch, [...names]));
    } else if (!branches.some((supported) => supported.branch === branch)) {
      warnings.push(`pins has ${branch}, which is not supported: delete it`);
    } else if (needs.every((need) => need.image !== image)) {
      const near = closest(image, [...new Set(needs.map((need) => need.image))]);
      report(`no supported branch names ${quote(image)}`, near);
    } else if (
      !needs.some((need) => need.isBare && need.image === image && need.branch.branch === branch)
    ) {
      warnings.push(`pins has ${image} of ${branch}, which does not name it alone: delete it`);
    }
  }
  return { problems, warnings };
}
