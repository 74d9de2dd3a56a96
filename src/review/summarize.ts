import {
  type Diagnostic,
  buildInputsOf,
  UNKNOWN_VALUE,
  type DeclaredResource,
  type Inputs,
  type Preview,
  type PreviewStep,
} from './preview.ts';
import { type BuildInput, changedInputs } from '../tag/build-inputs.ts';

/** The changes of a run of the engine, in terms of this project. */
export interface Summary {
  readonly images: readonly ImageChange[];
  readonly aliases: readonly AliasMove[];
  readonly policies: readonly PolicyChange[];
  readonly others: readonly OtherChange[];
  readonly diagnostics: readonly Diagnostic[];
}

/** An image whose version changes. */
export interface ImageChange {
  readonly name: string;
  /**
   * `build`: built and pushed. `adopt`: not built, since its tag is in the registry already. `leave`: not
   * in the catalog any more; published versions are kept.
   */
  readonly action: 'build' | 'adopt' | 'leave';
  /** Immutable tags; the old tag is absent for a new image. */
  readonly from?: string;
  readonly to?: string;
  /** The build inputs that differ; empty for a new image, and for one that the registry has lost. */
  readonly why: readonly BuildInput[];
  /** The new base and snapshot of a build, if known. */
  readonly base?: string;
  readonly snapshot?: string;
}

/** A tag that moves to another version. */
export interface AliasMove {
  readonly image: string;
  readonly alias: string;
  /** A digest, a tag, or empty for the version of `latest`; absent for a new alias. */
  readonly from?: string;
  /** Absent for the version that the run builds; `gone` for an alias that is removed. */
  readonly to?: string;
}

/** A clean-up policy that is added, removed or changed. */
export interface PolicyChange {
  readonly registry: string;
  readonly id: string;
  /** As JSON; absent for a policy that is added or removed. */
  readonly from?: string;
  readonly to?: string;
}

/** Any other resource that changes. */
export interface OtherChange {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** The names alone, since values may be secret. */
  readonly properties: readonly string[];
}

const PUBLICATION = 'oci:index:Publication';
const IMAGE = 'docker:index/image:Image';
const TAG = 'oci:index:Tag';
const BRANCH_ALIASES = 'oci:index:BranchAliases';
const REPOSITORY = 'gcp:artifactregistry/repository:Repository';

/** Steps that change nothing. */
const IDLE = ['same', 'read'];

/** Types that mean nothing to a reader: components, the stack, plug-ins. */
const INTERNAL = /^(?:kubernetes-ci-images:|pulumi:)/;

/** Summarizes a preview of the engine. Leaves out values that may be secret. */
export function summarize({ steps: all, diagnostics }: Preview): Summary {
  // A resource that is read again has a step for that, and another step for its change.
  const steps = all.filter(({ operation }) => operation !== 'refresh');
  const changing = steps.filter(({ operation }) => !IDLE.includes(operation));
  const built = new Map(changing.filter(isBuild).map((step) => [step.name, step]));
  return {
    images: steps
      .filter(({ type }) => type === PUBLICATION)
      .flatMap((step) => imageChange(step, built)),
    aliases: changing.flatMap(aliasMoves),
    policies: changing.filter(({ type }) => type === REPOSITORY).flatMap(policyChanges),
    others: changing.flatMap(otherChange),
    diagnostics,
  };
}

function isBuild({ type, after }: PreviewStep): boolean {
  return type === IMAGE && after?.inputs['build'] !== undefined;
}

function imageChange(
  { operation, name, before, after }: PreviewStep,
  built: ReadonlyMap<string, PreviewStep>,
): readonly ImageChange[] {
  const from = textOf(before?.inputs, 'tag');
  const to = textOf(after?.inputs, 'tag');
  if (after === undefined) return [{ name, action: 'leave', from, to, why: [] }];
  const build = built.get(name);
  if (build === undefined && (IDLE.includes(operation) || from === to)) return [];
  const why =
    before === undefined ? [] : changedInputs(buildInputsOf(before), buildInputsOf(after));
  if (build === undefined) return [{ name, action: 'adopt', from, to, why }];
  const { args } = (build.after?.inputs['build'] ?? {}) as { readonly args?: Inputs };
  const base = textOf(args, 'BASE');
  const snapshot = textOf(args, 'SNAPSHOT');
  return [{ name, action: 'build', from, to, why, base, snapshot }];
}

function aliasMoves({ type, before, after }: PreviewStep): readonly AliasMove[] {
  if (type === TAG) {
    // The alias of an image that leaves the catalog is not moved.
    if (after === undefined) return [];
    const from = textOf(before?.inputs, 'digest');
    const to = textOf(after.inputs, 'digest');
    if (from === to && from !== undefined) return [];
    const alias = textOf(after.inputs, 'tag') ?? '';
    return [move(imageOf(after.inputs), alias, from, to)];
  }
  if (type !== BRANCH_ALIASES) return [];
  const olds = recordOf(before?.inputs['aliases']);
  const news = recordOf(after?.inputs['aliases']);
  const image = imageOf(after?.inputs ?? before?.inputs);
  return changedKeys(olds, news).map((alias) =>
    move(image, alias, olds[alias], alias in news ? news[alias] : 'gone'),
  );
}

function move(image: string, alias: string, from?: string, to?: string): AliasMove {
  return { image, alias, from, to: to === UNKNOWN_VALUE ? undefined : to };
}

function policyChanges({ name, before, after }: PreviewStep): readonly PolicyChange[] {
  const olds = policiesOf(before);
  const news = policiesOf(after);
  return changedKeys(olds, news).map((id) => {
    return { registry: name, id, from: olds[id], to: news[id] };
  });
}

/** Id → policy as JSON. */
function policiesOf(
  repository: DeclaredResource | undefined,
): Readonly<Record<string, string | undefined>> {
  const policies = repository?.inputs['cleanupPolicies'];
  if (!Array.isArray(policies)) return {};
  return Object.fromEntries(
    (policies as readonly Inputs[]).map(({ id, ...policy }) => [
      String(id),
      JSON.stringify(policy),
    ]),
  );
}

function otherChange(step: PreviewStep): readonly OtherChange[] {
  const { operation, type, name, before, after } = step;
  if ([PUBLICATION, IMAGE, TAG, BRANCH_ALIASES].includes(type) || INTERNAL.test(type)) return [];
  const properties =
    before === undefined || after === undefined
      ? []
      : changedKeys(before.inputs, after.inputs).filter((key) => !key.startsWith('__'));
  return [{ operation, type, name, properties: properties.sort() }];
}

/** The keys of either record whose values differ as JSON. */
function changedKeys(olds: Inputs, news: Inputs): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
}

/** The last part of a repository's path. */
function imageOf(inputs: Inputs | undefined): string {
  return (textOf(inputs, 'repository') ?? '').split('/').at(-1) ?? '';
}

function textOf(inputs: Inputs | undefined, key: string): string | undefined {
  const value = inputs?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, string | undefined>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
