import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { DiskFormat } from '../catalog/image.ts';
import { parseJson } from '../json.ts';
import { DiskError } from './disk-error.ts';

/** Bytes of a file that `checkDiskHead` needs. */
export const HEAD_BYTES = 512;

const SIGNATURES = [
  { signature: 'qcow2', at: 0, hex: '514649fb' },
  { signature: 'vmdk', at: 0, hex: '4b444d56' }, // KDMV: data and descriptor in one file.
  { signature: 'vmdk', at: 0, hex: Buffer.from('# Disk DescriptorFile').toString('hex') },
  { signature: 'vdi', at: 64, hex: '7f10dabe' },
  { signature: 'vpc', at: 0, hex: Buffer.from('conectix').toString('hex') },
  { signature: 'xz', at: 0, hex: 'fd377a585a00' },
  { signature: 'gzip', at: 0, hex: '1f8b08' },
  { signature: 'bzip2', at: 0, hex: '425a68' },
  { signature: 'zstd', at: 0, hex: '28b52ffd' },
  { signature: 'zip', at: 0, hex: '504b0304' },
];

/** A fixed VHD has its signature at its end. */
const WITHOUT_SIGNATURE: readonly DiskFormat[] = ['raw', 'vpc'];

/** Reads the beginning of a disk and checks it. */
export async function checkDiskFile(file: string, format: DiskFormat): Promise<void> {
  await using handle = await open(file, 'r');
  const { buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  checkDiskHead(buffer, format);
}

/**
 * Throws a DiskError for a disk that is not of its format, or that refers to other files: read by
 * `qemu-img`, those would be files of this machine, and end up in a published image. The check comes
 * before any program opens the disk, since old ones open the files that it names (CVE-2024-4467).
 */
export function checkDiskHead(bytes: Buffer, format: DiskFormat): void {
  const head = Buffer.concat([bytes], HEAD_BYTES);
  const found = signatureOf(head);
  if (found !== undefined && found !== format) {
    throw new DiskError('WRONG_FORMAT', `the disk is ${found}, not ${format}`, remedyFor(found));
  }
  if (found === undefined && !WITHOUT_SIGNATURE.includes(format)) {
    const remedy = 'write the format that it has';
    throw new DiskError('WRONG_FORMAT', `the disk is not ${format}`, remedy);
  }
  const reason = unsafeReason(head, found);
  if (reason !== undefined) throw unsafe(reason);
}

/** `undefined` for what has none, such as a raw disk. */
function signatureOf(head: Buffer): string | undefined {
  return SIGNATURES.find(({ at, hex }) => head.toString('hex', at, at + hex.length / 2) === hex)
    ?.signature;
}

function remedyFor(found: string): string {
  if (found === 'xz') return 'say how it is packed: xz';
  const isPacked = ['gzip', 'bzip2', 'zstd', 'zip'].includes(found);
  return isPacked
    ? 'take a download that is not packed, or packed with xz'
    : `write ${found} as its format`;
}

/** Why a disk of this signature is not complete in itself; `undefined` if it is. */
function unsafeReason(head: Buffer, signature: string | undefined): string | undefined {
  switch (signature) {
    case 'qcow2': {
      // QEMU, docs/interop/qcow2.txt, "Header". Version 2 has no features.
      if (head.readBigUInt64BE(8) !== 0n) return 'it needs a backing file';
      if (head.readUInt32BE(32) !== 0) return 'it is encrypted';
      const incompatible = head.readUInt32BE(4) < 3 ? 0n : head.readBigUInt64BE(72);
      return (incompatible & 4n) === 0n ? undefined : 'it keeps its content in another file';
    }
    case 'vmdk': {
      // A disk without a capacity, or in text, names other files that hold its content.
      const isWhole = head.toString('latin1', 0, 4) === 'KDMV' && head.readBigUInt64LE(12) !== 0n;
      return isWhole ? undefined : 'it keeps its content in other files';
    }
    case 'vpc':
      // Type 4 is "differencing hard disk".
      return head.readUInt32BE(60) === 4 ? 'it needs a parent disk' : undefined;
    default:
      return undefined;
  }
}

function unsafe(reason: string): DiskError {
  return new DiskError('UNSAFE_DISK', reason, 'take a disk that is complete in one file');
}

/** The needed part of `qemu-img info --output=json` (QEMU, `ImageInfo`). */
const DiskInfo = z.object({
  'virtual-size': z.int().nonnegative(),
  encrypted: z.boolean().default(false),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
  'format-specific': z
    .object({
      data: z
        .object({
          'data-file': z.string().optional(),
          extents: z.array(z.object({ filename: z.string() })).default([]),
        })
        .prefault({}),
    })
    .prefault({}),
});

/**
 * Throws a DiskError for a disk that is encrypted, or refers to other files than itself at `file`, by
 * `qemu-img`'s description of it.
 */
export function checkDiskInfo(json: string, file: string): void {
  const { data: info } = DiskInfo.safeParse(parseJson(json));
  if (info === undefined) {
    const problem = '`qemu-img info` does not describe the disk';
    throw new DiskError('CONVERSION_FAILED', problem, 'update qemu-utils');
  }
  const { data } = info['format-specific'];
  const others = [
    info['backing-filename'],
    info['full-backing-filename'],
    data['data-file'],
    ...data.extents.map(({ filename }) => filename),
  ].filter((name) => name !== undefined && name !== file);
  if (others.length > 0) throw unsafe('it needs other files than itself');
  if (info.encrypted) throw unsafe('it is encrypted');
}
