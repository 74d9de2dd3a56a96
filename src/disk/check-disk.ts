import { open } from 'node:fs/promises';
import type { DiskFormat } from '../catalog/image.ts';
import { z } from 'zod';
import { parseJson } from '../json.ts';
import { DiskError } from './disk-error.ts';

/** Throws a DiskError for a disk, by its first `HEAD_BYTES` bytes, or all that it has. */
type HeadCheck = (head: Buffer) => void;

const CHECKS: Readonly<Partial<Record<DiskFormat, HeadCheck>>> = {
  qcow2: checkQcow2,
  vmdk: checkVmdk,
  vpc: checkVpc,
};

/** A fixed VHD has its signature at its end. */
const WITHOUT_SIGNATURE: ReadonlySet<DiskFormat> = new Set(['raw', 'vpc']);

/**
 * Throws a DiskError for a disk that is not of its format, or that refers to other files: read by
 * `qemu-img`, those would be files of this machine, and end up in a published image. The check comes
 * before any program opens the disk, since old ones open the files that it names (CVE-2024-4467).
 */
export function checkDiskHead(head: Buffer, format: DiskFormat): void {
  const found = signatureOf(head);
  if (found !== undefined && found !== format) {
    throw new DiskError('WRONG_FORMAT', `the disk is ${found}, not ${format}`, remedyFor(found));
  }
  if (found === undefined && !WITHOUT_SIGNATURE.has(format)) {
    const remedy = 'write the format that it has';
    throw new DiskError('WRONG_FORMAT', `the disk is not ${format}`, remedy);
  }
  CHECKS[format]?.(head);
}

function remedyFor(found: Signature): string {
  switch (found) {
    case 'xz':
      return 'say how it is packed: xz';
    case 'gzip':
    case 'bzip2':
    case 'zstd':
    case 'zip':
      return 'take a download that is not packed, or packed with xz';
    default:
      return `write ${found} as its format`;
  }
}

/** QEMU, docs/interop/qcow2.txt, "Header". */
function checkQcow2(head: Buffer): void {
  if (head.length < 72) return; // qemu-img will say so.
  if (head.readBigUInt64BE(8) !== 0n) throw unsafe('it needs a backing file');
  if (head.readUInt32BE(32) !== 0) throw unsafe('it is encrypted');
  const isVersion2 = head.readUInt32BE(4) < 3;
  const incompatible = isVersion2 || head.length < 80 ? 0n : head.readBigUInt64BE(72);
  if ((incompatible & 4n) !== 0n) throw unsafe('it keeps its content in another file');
}

/** Without a capacity of its own, or as text, it names the files that hold the content. */
function checkVmdk(head: Buffer): void {
  const isWhole = head.toString('latin1', 0, 4) === 'KDMV' && head.length >= 20;
  if (!isWhole || head.readBigUInt64LE(12) === 0n)
    throw unsafe('it keeps its content in other files');
}

/** Type 4 of the VHD format is "differencing hard disk". */
function checkVpc(head: Buffer): void {
  if (head.length < 64 || signatureOf(head) !== 'vpc') return;
  if (head.readUInt32BE(60) === 4) throw unsafe('it needs a parent disk');
}

function unsafe(reason: string): DiskError {
  return new DiskError('UNSAFE_DISK', reason, 'take a disk that is complete in one file');
}

/** The needed part of `qemu-img info --output=json` (QEMU, `ImageInfo`). */
const DiskInfo = z.object({
  'virtual-size': z.int().nonnegative(),
  encrypted: z.boolean().optional(),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
  'format-specific': z
    .object({
      data: z
        .object({
          'data-file': z.string().optional(),
          extents: z.array(z.object({ filename: z.string() })).optional(),
        })
        .optional(),
    })
    .optional(),
});

/**
 * Throws a DiskError for a disk that is encrypted, or refers to other files than itself at `file`, by
 * `qemu-img`'s description of it. Returns its virtual size in bytes.
 */
export function checkDiskInfo(json: string, file: string): number {
  const { data: info } = DiskInfo.safeParse(parseJson(json));
  if (info === undefined) {
    const problem = '`qemu-img info` does not describe the disk';
    throw new DiskError('CONVERSION_FAILED', problem, 'update qemu-utils');
  }
  const { extents = [], ...data } = info['format-specific']?.data ?? {};
  const others = [
    info['backing-filename'],
    info['full-backing-filename'],
    data['data-file'],
    ...extents.map(({ filename }) => filename),
  ].filter((name) => name !== undefined && name !== file);
  if (others.length > 0 || info.encrypted === true) {
    const reason = others.length > 0 ? 'it needs other files than itself' : 'it is encrypted';
    throw new DiskError('UNSAFE_DISK', reason, 'take a disk that is complete in one file');
  }
  return info['virtual-size'];
}

/** What the first bytes of a file give away. */
type Signature = Exclude<DiskFormat, 'raw'> | 'xz' | 'gzip' | 'bzip2' | 'zstd' | 'zip';

/** Bytes of a file that `checkDiskHead` needs. */
export const HEAD_BYTES = 512;

/** The beginning of a disk, for `checkDiskHead`. */
export async function readDiskHead(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

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
] as const satisfies { signature: Signature; at: number; hex: string }[];

/** Absent for what has none, such as a raw disk. */
function signatureOf(head: Buffer): Signature | undefined {
  return SIGNATURES.find(({ at, hex }) => head.toString('hex', at, at + hex.length / 2) === hex)
    ?.signature;
}
