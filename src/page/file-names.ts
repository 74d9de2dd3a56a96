import { createHash } from 'node:crypto';
import type { PageBranchName } from './page-data.ts';

/** A name that never has two separators in a row: `--` joins the parts of a file's name. */
const PLAIN = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Characters of a name that file systems and web servers take. */
const LONGEST = 100;

/** Path of an image's page. */
export function imagePage(image: string): string {
  return `images/${fileName([image])}.html`;
}

/** Path of a branch's page. */
export function branchPage({ source, branch }: PageBranchName): string {
  return `branches/${fileName([source, branch])}.html`;
}

/**
 * A file's name that depends on nothing else, so that a link to a page stays: the parts as they are, or what is left
 * of them with a hash behind a tilde, which no plain name has. Case alone distinguishes no two names.
 */
function fileName(parts: readonly string[]): string {
  const name = parts.join('--');
  if (parts.every((part) => PLAIN.test(part)) && name.length <= LONGEST) return name;
  const rest = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^\.+/, '');
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${rest.slice(0, LONGEST)}~${hash.slice(0, 16)}`;
}
