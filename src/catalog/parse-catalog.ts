import { formatDocumentPath } from '../document/document-path.ts';
import type { DocumentPath } from '../document/document-path.ts';
import { isMapping } from '../document/explain-issues.ts';
import { placeFinding } from '../document/finding.ts';
import { parseDocument } from '../document/parse-document.ts';
import type { YamlDocument } from '../document/yaml-document.ts';
import { InvalidInputError } from '../problem.ts';
import type { Problem } from '../problem.ts';
import type { FileTree } from '../tree/file-tree.ts';
import type { CatalogFinding } from './catalog-finding.ts';
import { checkDockerfiles } from './check-dockerfiles.ts';
import { checkNames, resolveDraft } from './check-images.ts';
import { checkShape } from './check-shape.ts';
import { draftImages } from './draft.ts';
import type { Image } from './image.ts';
import { CatalogOutline } from './schema.ts';

/**
 * Parses a catalog: all of its images, in the file's order, with defaults and matrices resolved.
 * `file` is its path relative to the checkout, `tree` the checkout that contexts and Dockerfiles are
 * looked up in. Throws an `InvalidInputError` with every problem there is; each code is
 * a `CatalogProblemCode`.
 */
export function parseCatalog({
  file,
  text,
  tree,
}: {
  file: string;
  text: string;
  tree: FileTree;
}): readonly Image[] {
  const { images, problems } = readImages(parseDocument(file, text), file, tree);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return images;
}

function readImages(
  document: YamlDocument,
  file: string,
  tree: FileTree,
): { readonly images: readonly Image[]; readonly problems: readonly Problem[] } {
  const outline = readOutline(document);
  const { drafts, findings } = draftImages(outline, document.sourceOf);
  const unresolved: CatalogFinding[] = [];
  const resolved = drafts.map((draft) => resolveDraft(draft, tree, unresolved));
  const dockerfiles = checkDockerfiles(resolved, tree);
  const names = checkNames(drafts, (path) => {
    const { line, column } = document.placeOf(path);
    return `${formatDocumentPath(path)} (${file}:${line}:${column})`;
  });

  const all = [...outline.findings, ...findings, ...unresolved, ...names, ...dockerfiles.findings];
  const problems = all.map((finding) => placeFinding(finding, document, file));
  const images = resolved.flatMap(({ image }) => image ?? []);
  if (all.length === 0 && images.length < drafts.length) {
    throw new Error('an image of the catalog was lost without a word: this is a bug');
  }
  return { images, problems: withoutRepeats([...problems, ...dockerfiles.problems]) };
}

function readOutline({ value, sourceOf }: YamlDocument): {
  readonly defaults: unknown;
  readonly images: readonly unknown[];
  readonly findings: readonly CatalogFinding[];
} {
  if (isBlank(value)) return { defaults: undefined, images: [], findings: [emptyCatalog([])] };
  const { findings } = checkShape(CatalogOutline, value, [], sourceOf);
  const { defaults, images } = isMapping(value) ? value : {};
  if (Array.isArray(images) && images.length > 0) return { defaults, images, findings };
  if (!isMapping(value) || !Object.hasOwn(value, 'images') || !isBlank(images)) {
    return { defaults, images: [], findings };
  }
  const others = findings.filter(({ path }) => path[0] !== 'images');
  return { defaults, images: [], findings: [...others, emptyCatalog(['images'])] };
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function emptyCatalog(path: DocumentPath): CatalogFinding {
  const problem = 'there are no images';
  return { code: 'EMPTY_CATALOG', path, problem, remedy: 'list at least one under images' };
}

/** Images that share a value share its mistake, which is told once. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const byPlace = problems.map((problem): [string, Problem] => {
    const { code, file, line, column, path } = problem;
    return [JSON.stringify([code, file, line, column, path]), problem];
  });
  return [...new Map(byPlace).values()];
}
