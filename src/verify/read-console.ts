import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parsePackages, unknown, type Packages } from '../packages/package-list.ts';

/** Far more than the list of any system. */
const LARGEST = 16 * 1024 * 1024;

const BEGIN = '<<packages begin>>';
const END = /<<packages end (\d{1,5}) ([0-9a-f]{64})>>/g;
const LINE = /<<packages (\d{1,5}) ([A-Za-z0-9+/]{1,76}={0,2})>>/g;

/** The times that list-seed.ts prints a list. */
const PASSES = 2;

/** Whether a machine has begun to print its package list, and has more of it to print. */
export function isListing(console: string): boolean {
  return (
    console.includes(BEGIN) && endsOf(console).length < PASSES && findPacked(console) === undefined
  );
}

/** The package list that a machine has printed among all else, without control sequences. Never a part of it. */
export function readPackages(console: string): Packages {
  if (!console.includes(BEGIN)) {
    return unknown('no cloud-init answered in it, which would have listed them');
  }
  const packed = findPacked(console);
  if (packed === undefined) return unknown('its console shows only a part of the list');
  const text = unpack(Buffer.from(packed, 'base64'));
  return text === undefined ? unknown('its list cannot be unpacked') : parsePackages(text);
}

/** The packed list, if every line of it is there and they have the checksum that an end names. */
function findPacked(console: string): string | undefined {
  const lines = new Map<number, string>();
  for (const [, index, line = ''] of console.matchAll(LINE)) lines.set(Number(index), line);
  for (const [, count, sum] of endsOf(console)) {
    if (lines.size < Number(count)) continue;
    const indexes = Array.from({ length: Number(count) }, (_, index) => index);
    const packed = indexes.map((index) => lines.get(index) ?? '').join('\n');
    if (createHash('sha256').update(packed).digest('hex') === sum) return packed;
  }
  return undefined;
}

function endsOf(console: string): readonly RegExpExecArray[] {
  return [...console.matchAll(END)].slice(-PASSES);
}

function unpack(bytes: Buffer): string | undefined {
  // A system without gzip prints the list as it is.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString();
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST }).toString();
  } catch {
    return undefined;
  }
}

/** How many packages a list has, or why there is none. */
export function describePackages(packages: Packages): string {
  if (packages.kind === 'unknown') return `packages unknown: ${packages.reason}`;
  const { length } = packages.list.packages;
  return `${length} ${length === 1 ? 'package' : 'packages'}`;
}
