import { namesVersion } from '../../catalog/disk-url.ts';
import type { Release } from '../publishers/publisher.ts';

/**
 * The distribution and the version of a key, such as `ubuntu` `24.04` of `ubuntu-2404`: the version as the URL has
 * it, since the catalog compares both. `undefined` for a URL of another version, or of none.
 */
export function releaseOfKey(key: string, url: string): Release | undefined {
  const [, distribution = '', digits = ''] =
    /^([a-z]+(?:-[a-z]+)*)(?:-(\d[\d.-]*))?/.exec(key) ?? [];
  if (distribution === '') return undefined;
  const isNamed = (version: string) => namesVersion(url, distribution, version);
  const version = versionsOf(digits.replace(/\D+$/, ''), url).find(isNamed);
  return version === undefined ? undefined : { distribution, version };
}

/** What a version may be, the most likely one first. */
function versionsOf(digits: string, url: string): readonly string[] {
  const file = new URL(url).pathname.split('/').at(-1) ?? '';
  if (digits === '') return file.match(/\d+(?:\.\d+)+/g) ?? [];
  const written = digits.replaceAll('-', '.');
  // 2404 is 24.04, and 15 may be 15.6.
  const dotted = /^\d{4}$/.test(digits) ? [`${digits.slice(0, 2)}.${digits.slice(2)}`] : [];
  const longer = (url.match(/\d+/g) ?? []).flatMap((number) =>
    number !== digits && number.startsWith(digits)
      ? [`${digits}.${number.slice(digits.length)}`]
      : [],
  );
  return [written, ...dotted, ...longer];
}

/** The name that a VM disk of the catalog has by default. */
export function defaultName({ distribution, version }: Release): string {
  return `vm-${distribution}-${version.replaceAll('.', '')}`;
}
