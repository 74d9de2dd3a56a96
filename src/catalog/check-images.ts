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
    const flaw = field(draft, 'name') === undefined ? nameRule(name.value) : undefined;
    if (flaw !== undefined) {
      return [{ ...flaw, path: name.path, remedy: `set name to another one: ${flaw.remedy}` }];
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
  const dockerfile =
    context === undefined ? undefined : dockerfileOf(draft, tree, context, problems);
  const target = field(draft, 'target');
  const image =
    context === undefined || dockerfile === undefined
      ? undefined
      : imageOf(draft, context, dockerfile);
  return {
    kind: draft.kind,
    ...(image !== undefined && { image }),
    ...(context !== undefined && { context }),
    ...(dockerfile !== undefined && { dockerfile }),
    ...(target !== undefined && { target }),
  };
}

function contextOf(draft: Draft, tree: FileTree, problems: CatalogProblem[]): string | undefined {
  const context = field(draft, 'context');
  if (context === undefined) {
    if (!isMissing(draft, 'context')) return undefined;
    const problem = 'neither the image nor the defaults have a context';
    const remedy = 'add context: config/contexts/<name>';
    problems.push({ code: 'MISSING_KEY', path: [...draft.path, 'context'], problem, remedy });
    return undefined;
  }
  // No `..` at all, even if it comes back: the path would be spelled differently than what it means.
  const resolved: { readonly path: string } | PathFlaw = context.value.split('/').includes('..')
    ? { flaw: 'outside', problem: 'the path has a part ..' }
    : resolveInCheckout(tree, '', context.value, 'directory');
  if ('path' in resolved) return resolved.path;
  const { path } = context;
  const { flaw, problem } = resolved;
  problems.push(
    flaw === 'outside'
      ? { code: 'CONTEXT_OUTSIDE', path, problem, remedy: 'name a directory of this checkout' }
      : { code: 'CONTEXT_MISSING', path, problem, remedy: 'create it or correct the path' },
  );
  return undefined;
}

function dockerfileOf(
  draft: Draft,
  tree: FileTree,
  context: string,
  problems: CatalogProblem[],
): string | undefined {
  const dockerfile = field(draft, 'dockerfile');
  if (dockerfile === undefined) return undefined;
  const resolved = resolveInCheckout(tree, context, dockerfile.value, 'file');
  if ('path' in resolved) return resolved.path;
  const { path } = dockerfile;
  const { flaw, problem } = resolved;
  problems.push(
    flaw === 'outside'
      ? { code: 'DOCKERFILE_OUTSIDE', path, problem, remedy: 'name a file of this checkout' }
      : { code: 'DOCKERFILE_MISSING', path, problem, remedy: 'create it or correct the path' },
  );
  return undefined;
}

/** Why a path can't be used: it leaves the checkout, or what is there is not what was meant. */
type PathFlaw =
  | { readonly flaw: 'outside'; readonly problem: string }
  | { readonly flaw: 'missing'; readonly problem: string };

/**
 * Resolves what is written in a catalog to a path relative to the checkout, against `from`. Symlinks on
 * the way are refused even where they lead back inside: what they lead to is not what gets hashed.
 */
function resolveInCheckout(
  tree: FileTree,
  from: string,
  written: string,
  kind: 'file' | 'directory',
): { readonly path: string } | PathFlaw {
  // A real file system answers a NUL with an exception.
  if (written.includes('\0')) return { flaw: 'missing', problem: 'no path holds a NUL character' };
  if (posix.isAbsolute(written)) return { flaw: 'outside', problem: 'the path is absolute' };
  const joined = posix.join(from, written).replace(/\/+$/, '');
  const path = joined === '.' ? '' : joined;
  if (path === '..' || path.startsWith('../')) {
    return { flaw: 'outside', problem: 'the path leaves the checkout' };
  }

  const link = parentsOf(path).find((parent) => tree.entry(parent)?.kind === 'symlink');
  if (link !== undefined) return { flaw: 'outside', problem: `${link} is a symlink` };
  const found = tree.entry(path)?.kind;
  if (found === kind) return { path };
  const problem =
    found === undefined ? `nothing is at ${path}` : `${path} is ${NAMES[found]}, no ${kind}`;
  return { flaw: 'missing', problem };
}

const NAMES = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symlink',
  other: 'neither file nor directory',
} as const satisfies Record<EntryKind, string>;

/** `a`, `a/b`, `a/b/c` for `a/b/c`. */
function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, end) => parts.slice(0, end + 1).join('/'));
}
