import { disksOf, field, nameOf, platformsOf, readDrafts, type Draft } from '../catalog/draft.ts';
import { parseMaxAge } from '../catalog/value-rules.ts';
import { formatDocumentPath, type DocumentPath } from '../yaml/document-problem.ts';
import { isMapping } from '../yaml/check-mapping.ts';
import type { WrittenScalar, YamlDocument } from '../yaml/yaml-document.ts';

/** A value of the catalog that a refresh may change, and its path, such as `images[0].base`. */
export interface Written extends Omit<WrittenScalar, 'spelling'> {
  readonly value: string;
  readonly path: string;
}

/** The values that age: of one image, or of one platform of a VM disk. */
export interface ImagePins {
  readonly name: string;
  readonly distribution: string;
  readonly version: string;
  readonly platforms: readonly string[];
  /** A container's full reference, with or without a digest. */
  readonly base?: Written;
  /** The full reference of what is copied, with or without a digest. */
  readonly from?: Written;
  /** The image's own date, or that of the defaults. */
  readonly snapshot?: Written;
  /** Days. */
  readonly snapshotMaxAge?: number;
  /** The URL of a VM disk. */
  readonly url?: Written;
  readonly checksum?: Written;
  /** The list that a VM disk is from, its version, and what its file is. */
  readonly importedFrom?: Written;
  readonly versionAt?: Written;
  readonly packing?: string;
  readonly format?: string;
}

/** A VM disk for one platform. */
export type DiskPins = ImagePins & { readonly url: Written; readonly checksum: Written };

export function isDisk(image: ImagePins): image is DiskPins {
  return image.url !== undefined && image.checksum !== undefined;
}

/** Stands for every reference in the drafts: `readPins` takes the references themselves from the text. */
const PINNED = `docker.io/library/any:1@sha256:${'0'.repeat(64)}`;

/**
 * The pins of each image of a catalog, in its order. The catalog must be valid, except that bases and what
 * is copied need not be pinned.
 */
export function readPins(document: YamlDocument): readonly ImagePins[] {
  if (!isMapping(document.value)) return [];
  const { defaults, images } = document.value;
  // An unpinned reference is a problem of a draft, and `readDrafts` stops at `MAX_PROBLEMS`.
  const pinned: unknown = JSON.parse(JSON.stringify(images ?? []), (key, value: unknown) =>
    key === 'base' || key === 'from' ? PINNED : value,
  );
  const entries: readonly unknown[] = Array.isArray(pinned) ? pinned : [];
  const { drafts } = readDrafts({ defaults, images: entries }, document);
  const written: FindWritten = (path) => {
    const found = document.scalarAt(path);
    if (typeof found?.value !== 'string') return undefined;
    const { value, start, end, line, column } = found;
    return { value, start, end, line, column, path: formatDocumentPath(path) };
  };
  return drafts.flatMap((draft): readonly ImagePins[] => {
    const name = nameOf(draft)?.value;
    const distribution = field(draft, 'distribution')?.value;
    const version = field(draft, 'version')?.value;
    const platforms = platformsOf(draft);
    if (name === undefined || distribution === undefined) return [];
    if (version === undefined || platforms === undefined) return [];
    const image = { name, distribution, version };
    if (draft.kind === 'vm-disk') {
      return pinsOfDisks(draft, written).map((disk) => ({ ...image, ...disk }));
    }
    if (draft.kind === 'copy') {
      const from = written([...draft.path, 'from']);
      return from === undefined ? [] : [{ ...image, platforms, from }];
    }
    const base = pinsOfBase(draft, written);
    return base === undefined ? [] : [{ ...image, platforms, ...base }];
  });
}

type FindWritten = (path: DocumentPath) => Written | undefined;

function pinsOfBase(draft: Draft, written: FindWritten) {
  const base = written([...draft.path, 'base']);
  if (base === undefined) return undefined;
  const snapshotPath = field(draft, 'snapshot')?.path;
  const snapshot = snapshotPath && written(snapshotPath);
  const snapshotMaxAge = parseMaxAge(field(draft, 'snapshotMaxAge')?.value ?? '');
  return { base, snapshot, snapshotMaxAge };
}

function pinsOfDisks(draft: Draft, written: FindWritten) {
  const at = (key: 'importedFrom' | 'version') => {
    const path = field(draft, key)?.path;
    return path && written(path);
  };
  const shared = {
    importedFrom: at('importedFrom'),
    versionAt: at('version'),
    packing: field(draft, 'packing')?.value,
    format: field(draft, 'format')?.value,
  };
  return disksOf(draft).flatMap((disk) => {
    const url = disk.url && written(disk.url.path);
    const checksum = disk.checksum && written(disk.checksum.path);
    if (url === undefined || checksum === undefined || disk.platform === undefined) return [];
    return [{ platforms: [disk.platform], url, checksum, ...shared }];
  });
}
