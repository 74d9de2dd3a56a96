import { posix } from 'node:path';
import { disksOf, field, isMissing, nameOf, platformsOf } from './draft.ts';
import type { Draft, Located } from './draft.ts';
import {
  CONTENTS,
  DISK_FORMATS,
  PACKINGS,
  parseChecksum,
  type BaseImage,
  type BuildFiles,
  type CatalogEntry,
  type CopiedImage,
  type DiskImage,
  type Image,
} from './image.ts';
import { parseSize } from './disk-rules.ts';
import type { CatalogProblem } from './problem-code.ts';
import type { Fields } from './schema.ts';
import type { EntryKind, FileTree } from '../file-tree.ts';
import { parseDigest, parseImageReference } from '../image-reference.ts';

/** Finds a draft's context and Dockerfile in the checkout, and makes an image of all three. A copy has neither. */
export function resolveImage(
  draft: Draft,
  tree: FileTree,
  problems: CatalogProblem[],
): Pick<CatalogEntry, 'image' | 'build'> {
  if (draft.kind === 'copy') return { image: copyOf(draft) };
  const context = contextOf(draft, tree, problems);
  const written = field(draft, 'dockerfile');
  if (context === undefined || written === undefined) return {};
  const dockerfile = resolveInCheckout(tree, context, written, 'file', problems);
  if (dockerfile === undefined) return {};
  const build = { context, dockerfile };
  return { build, image: imageOf(draft, build) };
}

/** What images of all kinds have. Absent when a key is missing or broken. */
function anyImageOf(draft: Draft) {
  const name = nameOf(draft)?.value;
  const distribution = field(draft, 'distribution')?.value;
  const version = field(draft, 'version')?.value;
  const platforms = platformsOf(draft);
  if (name === undefined || distribution === undefined) return undefined;
  if (version === undefined || platforms === undefined) return undefined;
  const adopt = parseDigest(field(draft, 'adopt')?.value ?? '');
  return { name, distribution, version, platforms, adopt };
}

/** A reference that names exactly one manifest. */
function pinnedAt(draft: Draft, key: 'base' | 'from'): BaseImage | undefined {
  const reference = parseImageReference(field(draft, key)?.value ?? '');
  return reference?.digest && { ...reference, digest: reference.digest };
}

function startOf(draft: Draft) {
  const verify = field(draft, 'verify')?.value;
  return { verify, verifyPrivileged: field(draft, 'verifyPrivileged')?.value };
}

/** Absent when a key is missing or broken. */
function copyOf(draft: Draft): CopiedImage | undefined {
  const shared = anyImageOf(draft);
  const from = pinnedAt(draft, 'from');
  const holds = CONTENTS.find((known) => known === field(draft, 'holds')?.value);
  if (shared === undefined || from === undefined || holds === undefined) return undefined;
  return { ...shared, kind: 'copy', from, holds, ...startOf(draft) };
}

/** Absent when a key is missing or broken. */
function imageOf(draft: Draft, build: BuildFiles): Image | undefined {
  const value = <K extends keyof Fields>(key: K) => field(draft, key)?.value;
  const any = anyImageOf(draft);
  if (any === undefined) return undefined;
  const shared = { ...any, ...build, args: argsOf(draft), target: value('target') };
  if (draft.kind === 'container') {
    const base = pinnedAt(draft, 'base');
    const snapshot = value('snapshot');
    return base && { ...shared, kind: 'container', base, snapshot, ...startOf(draft) };
  }
  const enlargeBy = parseSize(value('enlargeBy') ?? '');
  const sources = sourcesOf(draft);
  if (draft.kind === undefined || enlargeBy === undefined || sources === undefined) {
    return undefined;
  }
  return { ...shared, kind: 'vm-disk', sources, enlargeBy };
}

function sourcesOf(draft: Draft): DiskImage['sources'] | undefined {
  const packing = PACKINGS.find((known) => known === field(draft, 'packing')?.value);
  const format = DISK_FORMATS.find((known) => known === field(draft, 'format')?.value);
  const sources = disksOf(draft).flatMap(({ platform, ...written }) => {
    const url = written.url?.value;
    const checksum = parseChecksum(written.checksum?.value ?? '');
    if (platform === undefined || url === undefined) return [];
    if (checksum === undefined || format === undefined) return [];
    return [[platform, { url, checksum, packing, format }] as const];
  });
  return sources.length === disksOf(draft).length ? Object.fromEntries(sources) : undefined;
}

/** The build arguments of all layers, the most specific value of each. */
function argsOf({ layers }: Draft): Readonly<Record<string, string>> {
  const args = layers.map(({ keys, fields }) => (keys.has('args') ? fields.args : undefined));
  return Object.fromEntries(args.flatMap((each) => Object.entries(each ?? {})));
}

function contextOf(draft: Draft, tree: FileTree, problems: CatalogProblem[]): string | undefined {
  const context = field(draft, 'context');
  if (context !== undefined) return resolveInCheckout(tree, '', context, 'directory', problems);
  if (!isMissing(draft, 'context')) return undefined;
  const problem = 'neither the image nor the defaults have a context';
  const remedy = 'add context: config/contexts/<name>';
  problems.push({ code: 'MISSING_KEY', path: [...draft.path, 'context'], problem, remedy });
  return undefined;
}

const CODES = { directory: 'CONTEXT', file: 'DOCKERFILE' } as const;

const NAMES = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symlink',
  submodule: 'a submodule',
  other: 'neither file nor directory',
} as const satisfies Record<EntryKind, string>;

/**
 * Resolves a path of a catalog to a path relative to the checkout, against `from`; `undefined`, with a
 * problem, where it leaves the checkout or leads to nothing of that kind. Symlinks on the way are
 * rejected even where they lead back inside: the files that they lead to are not the ones that get
 * hashed.
 */
function resolveInCheckout(
  tree: FileTree,
  from: string,
  { value: written, path }: Located<string>,
  kind: 'file' | 'directory',
  problems: CatalogProblem[],
): string | undefined {
  const add = (what: 'OUTSIDE' | 'MISSING', problem: string): string | undefined => {
    const remedy =
      what === 'OUTSIDE' ? `name a ${kind} of this checkout` : 'create it or correct the path';
    problems.push({ code: `${CODES[kind]}_${what}`, path, problem, remedy });
    return undefined;
  };
  // No `..` at all in a context, even if it comes back: its parts would not say where it is.
  if (kind === 'directory' && written.split('/').includes('..')) {
    return add('OUTSIDE', 'the path has a part ..');
  }
  // A real file system throws an exception for a NUL.
  if (written.includes('\0')) return add('MISSING', 'no path holds a NUL character');
  if (posix.isAbsolute(written)) return add('OUTSIDE', 'the path is absolute');
  const joined = posix.join(from, written).replace(/\/+$/, '');
  const resolved = joined === '.' ? '' : joined;
  if (resolved === '..' || resolved.startsWith('../')) {
    return add('OUTSIDE', 'the path leaves the checkout');
  }
  const parts = resolved.split('/');
  const link = parts
    .map((_, end) => parts.slice(0, end + 1).join('/'))
    .find((parent) => tree.entry(parent)?.kind === 'symlink');
  if (link !== undefined) return add('OUTSIDE', `${link} is a symlink`);
  const found = tree.entry(resolved)?.kind;
  if (found === kind) return resolved;
  if (found === undefined) return add('MISSING', `nothing is at ${resolved}`);
  return add('MISSING', `${resolved} is ${NAMES[found]}, no ${kind}`);
}
