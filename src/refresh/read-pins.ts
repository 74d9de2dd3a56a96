import { draftImages } from '../catalog/draft-images.ts';
import { field, nameOf } from '../catalog/draft.ts';
import { baseRule, parseMaxAge } from '../catalog/value-rules.ts';
import { formatDocumentPath } from '../document/document-path.ts';
import { isMapping } from '../document/explain-issues.ts';
import { scalarFinder, type WrittenText } from '../document/scalar-finder.ts';
import type { YamlDocument } from '../document/yaml-document.ts';

/** A value of the catalog that a refresh may change, and its path there, such as `images[0].base`. */
export interface Written extends WrittenText {
  readonly path: string;
}

/** What an image of the catalog says of the things that age. */
export interface ImagePins {
  readonly name: string;
  readonly platform: string;
  /** A full reference, with or without a digest. */
  readonly base: Written;
  /** The image's own date, or that of the defaults. */
  readonly snapshot?: Written;
  /** Days. */
  readonly snapshotMaxAge?: number;
}

/**
 * The pins of each container of a catalog, in its order; a VM disk has none of these. `text` is what `document` was parsed from; it must
 * have no mistakes, but bases need not be pinned yet.
 */
export function readPins(text: string, document: YamlDocument): readonly ImagePins[] {
  if (!isMapping(document.value)) return [];
  const { defaults, images } = document.value;
  const pinned = Array.isArray(images) ? images.map(withDigests) : [];
  const { drafts } = draftImages({ defaults, images: pinned }, document.sourceOf);
  const find = scalarFinder(text);
  const written = (path: readonly (string | number)[]): Written | undefined => {
    const found = find(path);
    return found && { ...found, path: formatDocumentPath(path) };
  };
  return drafts.flatMap((draft): readonly ImagePins[] => {
    const name = nameOf(draft)?.value;
    const platform = field(draft, 'platform')?.value;
    const base = written([...draft.path, 'base']);
    if (name === undefined || platform === undefined || base === undefined) return [];
    const snapshotPath = field(draft, 'snapshot')?.path;
    const snapshot = snapshotPath && written(snapshotPath);
    const maxAge = parseMaxAge(field(draft, 'snapshotMaxAge')?.value ?? '');
    return [
      {
        name,
        platform,
        base,
        ...(snapshot !== undefined && { snapshot }),
        ...(maxAge !== undefined && { snapshotMaxAge: maxAge }),
      },
    ];
  });
}

const NO_DIGEST = `@sha256:${'0'.repeat(64)}`;

/** The same with a digest at each base that has none, so that it passes for a catalog without mistakes. */
function withDigests(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDigests);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const isUnpinned =
        key === 'base' && typeof part === 'string' && baseRule(part)?.code === 'UNPINNED_BASE';
      return [key, isUnpinned ? `${part}${NO_DIGEST}` : withDigests(part)];
    }),
  );
}
