import { parseSize } from './disk-rules.ts';
import { argsOf, field, nameOf } from './draft.ts';
import type { Draft } from './draft.ts';
import type { ContainerImage, DiskImage, Image } from './image.ts';
import { parseBaseImage } from './value-rules.ts';
import { parseChecksum } from './checksum.ts';
import { DISK_FORMATS, PACKINGS } from './disk-source.ts';

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
    ...(target !== undefined && { target }),
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
    ...(snapshot !== undefined && { snapshot }),
    ...(verify !== undefined && { verify }),
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
  const source = { url, checksum, ...(packing !== undefined && { packing }), format };
  return { kind: 'vm-disk', source, enlargeBy };
}
