import type { FileTree } from '../file-tree.ts';
import { resolveInCheckout } from './checkout-path.ts';
import type { PathFlaw } from './checkout-path.ts';
import { field, isMissing, nameOf } from './draft.ts';
import type { Draft, Located } from './draft.ts';
import type { DocumentPath } from '../yaml/document-path.ts';
import type { Finding } from './finding.ts';
import { imageOf } from './image-of.ts';
import type { Image } from './image.ts';
import { quote } from '../yaml/wording.ts';
import { nameRule } from './value-rules.ts';
import type { Kind } from './kind.ts';

/** An image as far as it could be resolved, with the paths that later findings point at. */
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
): readonly Finding[] {
  const taken = new Map<string, DocumentPath>();
  return drafts.flatMap((draft): Finding[] => {
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
export function resolveDraft(draft: Draft, tree: FileTree, findings: Finding[]): ResolvedDraft {
  const context = contextOf(draft, tree, findings);
  const dockerfile =
    context === undefined ? undefined : dockerfileOf(draft, tree, context, findings);
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

function contextOf(draft: Draft, tree: FileTree, findings: Finding[]): string | undefined {
  const context = field(draft, 'context');
  if (context === undefined) {
    if (!isMissing(draft, 'context')) return undefined;
    const problem = 'neither the image nor the defaults have a context';
    const remedy = 'add context: config/contexts/<name>';
    findings.push({ code: 'MISSING_KEY', path: [...draft.path, 'context'], problem, remedy });
    return undefined;
  }
  // No `..` at all, even if it comes back: the path would be spelled differently than what it means.
  const resolved: { readonly path: string } | PathFlaw = context.value.split('/').includes('..')
    ? { flaw: 'outside', problem: 'the path has a part ..' }
    : resolveInCheckout(tree, '', context.value, 'directory');
  if ('path' in resolved) return resolved.path;
  const { path } = context;
  const { flaw, problem } = resolved;
  findings.push(
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
  findings: Finding[],
): string | undefined {
  const dockerfile = field(draft, 'dockerfile');
  if (dockerfile === undefined) return undefined;
  const resolved = resolveInCheckout(tree, context, dockerfile.value, 'file');
  if ('path' in resolved) return resolved.path;
  const { path } = dockerfile;
  const { flaw, problem } = resolved;
  findings.push(
    flaw === 'outside'
      ? { code: 'DOCKERFILE_OUTSIDE', path, problem, remedy: 'name a file of this checkout' }
      : { code: 'DOCKERFILE_MISSING', path, problem, remedy: 'create it or correct the path' },
  );
  return undefined;
}
