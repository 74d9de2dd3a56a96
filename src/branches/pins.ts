import type { Need, PinLines, SupportedBranch } from './references.ts';
import type { Pin, Source } from './source.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';
import { parseDigest, parseTag, type NamedImage } from '../image-reference.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
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
      return { branch, image, ...versionOf(version), line, column };
    }),
  );
}

/** The tag or the digest that a text is. */
export function versionOf(text: string): Pick<NamedImage, 'tag' | 'digest'> {
  const digest = parseDigest(text);
  return { tag: digest === undefined ? parseTag(text) : undefined, digest };
}

/** What is known of a source when its pins are checked. */
interface PinnedSource {
  readonly source: Pick<Source, 'name' | 'pins'>;
  /** The retention file. */
  readonly file: string | undefined;
  /** All branches of the repository. */
  readonly names: ReadonlySet<string>;
  /** The supported ones. */
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
}

/**
 * Finds the pins that pin nothing, each with a warning. Those of a branch or an image that the source does not have
 * are in `lines` with the reason: the name may be misspelled (see `newPinProblems`).
 */
export function checkPins({ source, file, names, branches, needs }: PinnedSource) {
  const lines: Record<string, string> = {};
  const warnings: string[] = [];
  for (const { branch, image, line, column } of source.pins) {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    const key = `${source.name} ${branch} ${image}`;
    lines[key] = '';
    const report = (problem: string, near: string | undefined) => {
      const text = `${place}: ${problem}; ${didYouMean(near, 'delete the line')}`;
      lines[key] = text;
      warnings.push(text);
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
  return { lines, warnings };
}

/**
 * The problems of lines that pin nothing and that the run before did not have: they are misspelled. A line that it
 * had may pin nothing since an edit of another repository, which must not stop a run.
 */
export function newPinProblems(olds: PinLines, news: PinLines): readonly string[] {
  return Object.entries(news).flatMap(([key, reason]) =>
    reason === '' || key in olds ? [] : [`UNKNOWN_PIN  ${reason}`],
  );
}
