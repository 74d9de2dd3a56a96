declare const brand: unique symbol;

/** What a download must have: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128, in lower case. */
export type Checksum = string & { readonly [brand]: 'Checksum' };

export type ChecksumAlgorithm = 'sha256' | 'sha512';

const CHECKSUM = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Absent for anything else, which includes an empty sum: upstream files have had those. */
export function parseChecksum(text: string): Checksum | undefined {
  return CHECKSUM.test(text) ? (text as Checksum) : undefined;
}

export function checksumAlgorithm(checksum: Checksum): ChecksumAlgorithm {
  return checksum.startsWith('sha512:') ? 'sha512' : 'sha256';
}
