import type { CheckedShape } from './check-shape.ts';
import {
  type Kind,
  type ContainerImage,
  type DiskImage,
  type Image,
  parseChecksum,
  DISK_FORMATS,
  PACKINGS,
} from './image.ts';
import type { Fields } from './schema.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import { parseSize } from './disk-rules.ts';
import { parseBaseImage } from './value-rules.ts';

/** A value with the place it came from. */
export interface Located<T> {
  readonly value: T;
  readonly path: DocumentPath;
}

/** Keys that are written in one place. */
export type Layer = CheckedShape & { readonly path: DocumentPath };

/**
 * An image in the making: layers of keys, the most specific one last (what is built in, the defaults,
 * the entry, its version). Keys may be missing or broken; the rest can be checked all the same.
 */
export interface Draft {
  /** Of the entry, or of the item in its list of versions. */
  readonly path: DocumentPath;
  /** `undefined` when what is written for it is refused. */
  readonly kind: Kind | undefined;
  readonly layers: readonly Layer[];
}

/** What the last layer that has the key says; `undefined` too when what it says is broken. */
export function field<K extends keyof Fields>(
  draft: Draft,
  key: K,
): Located<NonNullable<Fields[K]>> | undefined {
  const layer = draft.layers.findLast((each) => says(each, key));
  const value = layer?.fields[key];
  if (layer === undefined || value === undefined) return undefined;
  return { value, path: [...layer.path, key] };
}

/** True when no layer has the key, not even with a value that is refused. */
export function isMissing(draft: Draft, key: keyof Fields): boolean {
  return !draft.layers.some((layer) => says(layer, key));
}

function says(layer: Layer, key: keyof Fields): boolean {
  return layer.fields[key] !== undefined || layer.isBroken(key);
}

/** All layers' build arguments, the most specific value of each. */
function argsOf(draft: Draft): Readonly<Record<string, string>> {
  return Object.fromEntries(
    draft.layers.flatMap(({ fields }) => Object.entries(fields.args ?? {})),
  );
}

/**
 * The declared name, or `<distribution>-<version>`. A VM disk is `vm-ubuntu-2404`: a name of its own
 * beside the container of the same version, and as Kubespray makes one of its key `ubuntu-2404`.
 */
export function nameOf(draft: Draft): Located<string> | undefined {
  const name = field(draft, 'name');
  const distribution = field(draft, 'distribution');
  const version = field(draft, 'version');
  if (name !== undefined || !isMissing(draft, 'name')) return name;
  if (distribution === undefined || version === undefined || draft.kind === undefined) {
    return undefined;
  }
  const value =
    draft.kind === 'vm-disk'
      ? `vm-${distribution.value}-${version.value.replaceAll('.', '')}`
      : `${distribution.value}-${version.value}`;
  return { value, path: version.path };
}

/** What a draft says, its context and Dockerfile being found; `undefined` when something is missing or broken. */
export function imageOf(draft: Draft, context: string, dockerfile: string): Image | undefined {
  const name = nameOf(draft)?.value;
  const distribution = field(draft, 'distribution')?.value;
  const version = field(draft, 'version')?.value;
  const platform = field(draft, 'platform')?.value;
  const target = field(draft, 'target')?.value;
  if (name === undefined || distribution === undefined || version === undefined) return undefined;
  const own = draft.kind === 'vm-disk' ? diskOf(draft) : containerOf(draft);
  if (draft.kind === undefined || platform === undefined || own === undefined) return undefined;
  return {
    name,
    distribution,
    version,
    context,
    dockerfile,
    args: argsOf(draft),
    platform,
    target,
    ...own,
  };
}

function containerOf(
  draft: Draft,
): Pick<ContainerImage, 'kind' | 'base' | 'snapshot' | 'verify'> | undefined {
  const base = parseBaseImage(field(draft, 'base')?.value ?? '');
  const snapshot = field(draft, 'snapshot')?.value;
  if (base === undefined) return undefined;
  const verify = field(draft, 'verify')?.value;
  return {
    kind: 'container',
    base,
    snapshot,
    verify,
  };
}

function diskOf(draft: Draft): Pick<DiskImage, 'kind' | 'source' | 'enlargeBy'> | undefined {
  const url = field(draft, 'url')?.value;
  const checksum = parseChecksum(field(draft, 'checksum')?.value ?? '');
  const packing = PACKINGS.find((known) => known === field(draft, 'packing')?.value);
  const format = DISK_FORMATS.find((known) => known === field(draft, 'format')?.value);
  const enlargeBy = parseSize(field(draft, 'enlargeBy')?.value ?? '');
  if (url === undefined || checksum === undefined) return undefined;
  if (format === undefined || enlargeBy === undefined) return undefined;
  const source = { url, checksum, packing, format };
  return { kind: 'vm-disk', source, enlargeBy };
}
