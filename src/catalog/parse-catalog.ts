import { checkDisks } from './check-disks.ts';
import { checkDockerfiles } from './check-dockerfiles.ts';
import { checkNames, resolveDraft, type ResolvedDraft } from './check-images.ts';
import { checkShape } from './check-shape.ts';
import { draftImages } from './draft-images.ts';
import { field, nameOf, type Draft } from './draft.ts';
import type { CatalogEntry } from './image.ts';
import type { CatalogProblem } from './problem-code.ts';
import { CatalogOutline } from './schema.ts';
import type { FileTree } from '../file-tree.ts';
import type { Problem } from '../problem.ts';
import { formatDocumentPath, type DocumentPath } from '../yaml/document-problem.ts';
import { isMapping } from '../yaml/explain-issues.ts';
import { readDocument } from '../yaml/read-text.ts';
import { parseYaml, placeProblem, type YamlDocument } from '../yaml/yaml-document.ts';

/** All images of a catalog, in its order, and all its problems. */
export interface ParsedCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Each code is a `CatalogProblemCode`; without problems every entry has an image. */
  readonly problems: readonly Problem[];
}

/** Reads and parses the catalog at a path of the checkout, such as `config/images.yml`. */
export function loadCatalog(tree: FileTree, file: string): ParsedCatalog {
  const read = readDocument(tree, file, 'catalog');
  if ('problem' in read) return { entries: [], problems: [read.problem] };
  return parseCatalog({ file, text: read.text, tree });
}

/** A catalog's text; contexts and Dockerfiles are looked up in `tree`. */
export interface CatalogText {
  /** The catalog's path in the checkout. */
  readonly file: string;
  readonly text: string;
  readonly tree: FileTree;
}

/** Parses a catalog, with defaults and matrices resolved. */
export function parseCatalog({ file, text, tree }: CatalogText): ParsedCatalog {
  const yaml = parseYaml(text, file);
  if ('problems' in yaml) return { entries: [], problems: yaml.problems };
  const { document } = yaml;
  const outline = readOutline(document);
  const { drafts, problems: inShape } = draftImages(outline, document.sourceOf);
  const unresolved: CatalogProblem[] = [];
  const resolved = drafts.map((draft) => resolveDraft(draft, tree, unresolved));
  const entries = resolved.map((each, at) => entryOf(each, drafts[at], document, file));
  const dockerfiles = checkDockerfiles(resolved, tree);
  const place = (path: DocumentPath): string => {
    const { line, column } = document.placeOf(path);
    return `${formatDocumentPath(path)} (${file}:${line}:${column})`;
  };
  const inCatalog = [
    ...outline.problems,
    ...inShape,
    ...unresolved,
    ...checkNames(drafts, place),
    ...checkDisks(drafts, place),
    ...dockerfiles.inCatalog,
  ];
  if (inCatalog.length === 0 && entries.some(({ image }) => image === undefined)) {
    throw new Error('an image of the catalog was lost without a problem: this is a bug');
  }
  const problems = inCatalog.map((problem) => placeProblem(problem, document, file));
  return { entries, problems: withoutRepeats([...problems, ...dockerfiles.problems]) };
}

function entryOf(
  { image, context, dockerfile }: ResolvedDraft,
  draft: Draft | undefined,
  document: YamlDocument,
  file: string,
): CatalogEntry {
  const placeOf = (path: DocumentPath) => {
    return { file, ...document.placeOf(path), path: formatDocumentPath(path) };
  };
  const checksum = draft && field(draft, 'checksum');
  const isFound = context !== undefined && dockerfile !== undefined;
  return {
    image,
    build: isFound ? { context, dockerfile } : undefined,
    place: placeOf((draft && nameOf(draft)?.path) ?? draft?.path ?? []),
    checksumPlace: checksum && placeOf(checksum.path),
  };
}

function readOutline({ value, sourceOf }: YamlDocument): {
  readonly defaults?: unknown;
  readonly images: readonly unknown[];
  readonly problems: readonly CatalogProblem[];
} {
  if (isBlank(value)) return { images: [], problems: [emptyCatalog([])] };
  const { problems } = checkShape(CatalogOutline, value, [], sourceOf);
  const { defaults, images } = isMapping(value) ? value : {};
  if (Array.isArray(images) && images.length > 0) return { defaults, images, problems };
  if (!isMapping(value) || !Object.hasOwn(value, 'images') || !isBlank(images)) {
    return { defaults, images: [], problems };
  }
  const others = problems.filter(({ path }) => path[0] !== 'images');
  return { defaults, images: [], problems: [...others, emptyCatalog(['images'])] };
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function emptyCatalog(path: DocumentPath): CatalogProblem {
  const problem = 'there are no images';
  return { code: 'EMPTY_CATALOG', path, problem, remedy: 'list at least one under images' };
}

/** Images that share a value share its problem, which is reported once. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const byPlace = problems.map((problem): [string, Problem] => {
    const { code, file, line, column, path } = problem;
    return [JSON.stringify([code, file, line, column, path]), problem];
  });
  return [...new Map(byPlace).values()];
}
