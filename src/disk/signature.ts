import type { DiskFormat } from '../catalog/image.ts';

/** What the first bytes of a file give away. */
export type Signature = Exclude<DiskFormat, 'raw'> | 'xz' | 'gzip' | 'bzip2' | 'zstd' | 'zip';

/** How many bytes of a file its signature needs. */
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
] as const satisfies { signature: Signature; at: number; hex: string }[];

/** Absent for what has none, such as a raw disk. */
export function signatureOf(head: Buffer): Signature | undefined {
  return SIGNATURES.find(({ at, hex }) => head.toString('hex', at, at + hex.length / 2) === hex)
    ?.signature;
}
