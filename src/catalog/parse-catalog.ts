import type { Problem } from '../problem.ts';
import type { FileTree } from '../file-tree.ts';
import { checkDockerfiles } from './check-dockerfiles.ts';
import { checkNames, resolveDraft } from './check-images.ts';
import type { ResolvedDraft } from './check-images.ts';
import { isMapping } from '../yaml/explain-issues.ts';
import { checkShape } from './check-shape.ts';
import { checkDisks } from './check-disks.ts';
import { draftImages } from './draft-images.ts';
import { field, nameOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { formatDocumentPath } from '../yaml/document-path.ts';
import type { DocumentPath } from '../yaml/document-path.ts';
import type { Finding } from './finding.ts';
import type { Image } from './image.ts';
import { CatalogOutline } from './schema.ts';
import { parseYaml } from '../yaml/yaml-document.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';

/** Where something is written. */
export type Place = Pick<Problem, 'file' | 'line' | 'column' | 'path'>;

/** What the catalog says of one image, as far as that can be read. */
export interface CatalogEntry {
  /** Absent when something is missing or broken. */
  readonly image?: Image;
  /** Absent when there is no such context or Dockerfile. */
  readonly build?: Pick<Image, 'context' | 'dockerfile'>;
  /** Where its name is written, or the version that the name ends with. */
  readonly place: Place;
  /** Where a VM disk's checksum is written. */
  readonly checksumPlace?: Place;
}

/** All images of a catalog, in its order, and everything that is wrong with it. */
export interface ParsedCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Each code is a `CatalogProblemCode`; without problems every entry has an image. */
  readonly problems: readonly Problem[];
}

/**
 * Parses a catalog, with defaults and matrices resolved. `file` is its path relative to the checkout,
 * `tree` the checkout that contexts and Dockerfiles are looked up in.
 */
export function parseCatalog({
  file,
  text,
  tree,
}: {
  file: string;
  text: string;
  tree: FileTree;
}): ParsedCatalog {
  const yaml = parseYaml(text);
  if ('problems' in yaml) {
    return { entries: [], problems: yaml.problems.map((flaw) => ({ file, ...flaw })) };
  }
  return readImages(yaml.document, file, tree);
}

function readImages(document: YamlDocument, file: string, tree: FileTree): ParsedCatalog {
  const outline = readOutline(document);
  const { drafts, findings } = draftImages(outline, document.sourceOf);
  const unresolved: Finding[] = [];
  const resolved = drafts.map((draft) => resolveDraft(draft, tree, unresolved));
  const entries = resolved.map((each, at) => entryOf(each, drafts[at], document, file));
  const dockerfiles = checkDockerfiles(resolved, tree);
  const place = (path: DocumentPath): string => {
    const { line, column } = document.placeOf(path);
    return `${formatDocumentPath(path)} (${file}:${line}:${column})`;
  };
  const inImages = [...unresolved, ...checkNames(drafts, place), ...checkDisks(drafts, place)];

  const all = [...outline.findings, ...findings, ...inImages, ...dockerfiles.findings];
  const problems = all.map((finding) => toProblem(finding, document, file));
  if (all.length === 0 && entries.some(({ image }) => image === undefined)) {
    throw new Error('an image of the catalog was lost without a word: this is a bug');
  }
  return { entries, problems: withoutRepeats([...problems, ...dockerfiles.problems]) };
}

function entryOf(
  { image, context, dockerfile }: ResolvedDraft,
  draft: Draft | undefined,
  document: YamlDocument,
  file: string,
): CatalogEntry {
  const placeOf = (path: DocumentPath): Place => {
    return { file, ...document.placeOf(path), path: formatDocumentPath(path) };
  };
  const checksum = draft && field(draft, 'checksum');
  const isFound = context !== undefined && dockerfile !== undefined;
  return {
    ...(image !== undefined && { image }),
    ...(isFound && { build: { context, dockerfile } }),
    place: placeOf((draft && nameOf(draft)?.path) ?? draft?.path ?? []),
    ...(checksum !== undefined && { checksumPlace: placeOf(checksum.path) }),
  };
}

function readOutline({ value, sourceOf }: YamlDocument): {
  readonly defaults: unknown;
  readonly images: readonly unknown[];
  readonly findings: readonly Finding[];
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

function emptyCatalog(path: DocumentPath): Finding {
  const problem = 'there are no images';
  return { code: 'EMPTY_CATALOG', path, problem, remedy: 'list at least one under images' };
}

function toProblem(
  { code, path, problem, remedy, atKey }: Finding,
  document: YamlDocument,
  file: string,
): Problem {
  const place = document.placeOf(path, atKey);
  return { code, file, ...place, path: formatDocumentPath(path), problem, remedy };
}

/** Images that share a value share its mistake, which is told once. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const byPlace = problems.map((problem): [string, Problem] => {
    const { code, file, line, column, path } = problem;
    return [JSON.stringify([code, file, line, column, path]), problem];
  });
  return [...new Map(byPlace).values()];
}
