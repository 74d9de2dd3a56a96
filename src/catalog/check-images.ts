import type { FileTree, EntryKind } from '../file-tree.ts';
import { field, isMissing, nameOf, type Draft, type Located, imageOf } from './draft.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import type { CatalogProblem } from './problem-code.ts';
import type { Image, Kind } from './image.ts';
import { quote } from '../yaml/wording.ts';
import { nameRule } from './value-rules.ts';
import { posix } from 'node:path';

/** An image as far as it could be resolved, with the paths that later problems point at. */
export interface ResolvedDraft {
  readonly kind: Kind | undefined;
  /** Absent when something is missing or broken. */
  readonly image?: Image;
  /** Absent when there is no such directory. */
  readonly context?: string;
  /** Absent when there is no such file. */
  readonly dockerfile?: string;
  readonly target?: Located<string>;
}

/** Names must be valid and unique; the first one to have a name keeps it. */
export function checkNames(
  drafts: readonly Draft[],
  format: (path: DocumentPath) => string,
): readonly CatalogProblem[] {
  const taken = new Map<string, DocumentPath>();
  return drafts.flatMap((draft): CatalogProblem[] => {
    const name = nameOf(draft);
    if (name === undefined) return [];
    const invalid = field(draft, 'name') === undefined ? nameRule(name.value) : undefined;
    if (invalid !== undefined) {
      return [
        { ...invalid, path: name.path, remedy: `set name to another one: ${invalid.remedy}` },
      ];
    }
    const other = taken.get(name.value);
    if (other === undefined) {
      taken.set(name.value, name.path);
      return [];
    }
    const problem = `${quote(name.value)} is the name of ${format(other)} already`;
    return [
      { code: 'DUPLICATE_NAME', path: name.path, problem, remedy: 'give one of them another name' },
    ];
  });
}

/** Finds a draft's context and Dockerfile in the checkout and makes an image of it. */
export function resolveDraft(
  draft: Draft,
  tree: FileTree,
  problems: CatalogProblem[],
): ResolvedDraft {
  const context = contextOf(draft, tree, problems);
  const written = field(draft, 'dockerfile');
  const dockerfile =
    context === undefined || written === undefined
      ? undefined
      : resolveInCheckout(tree, context, written, 'file', problems);
  const isFound = context !== undefined && dockerfile !== undefined;
  const image = isFound ? imageOf(draft, context, dockerfile) : undefined;
  return { kind: draft.kind, image, context, dockerfile, target: field(draft, 'target') };
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
