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

/** What a run of the engine would change, in the words of this project. */
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
   * `build`: built and pushed. `adopt`: its tag is in the registry already, so nothing is built.
   * `leave`: it is not in the catalog any more; what was published stays.
   */
  readonly action: 'build' | 'adopt' | 'leave';
  /** Immutable tags; the old one is absent for an image that is new. */
  readonly from?: string;
  readonly to?: string;
  /** The build inputs that differ; empty for an image that is new, or that the registry has lost. */
  readonly why: readonly BuildInput[];
  /** What it is built from now, where that is known. */
  readonly base?: string;
  readonly snapshot?: string;
}

/** A tag that will name another version. */
export interface AliasMove {
  readonly image: string;
  readonly alias: string;
  /** A digest, a tag, or empty for what `latest` names; absent for an alias that is new. */
  readonly from?: string;
  /** Absent where it is what the run builds; `gone` for one that is taken away. */
  readonly to?: string;
}

/** A clean-up policy that comes, goes or changes. */
export interface PolicyChange {
  readonly registry: string;
  readonly id: string;
  /** As JSON; absent where there is none. */
  readonly from?: string;
  readonly to?: string;
}

/** Any other resource that changes. */
export interface OtherChange {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** Names only: values may be secret. */
  readonly properties: readonly string[];
}

const PUBLICATION = 'oci:index:Publication';
const IMAGE = 'docker:index/image:Image';
const TAG = 'oci:index:Tag';
const BRANCH_ALIASES = 'oci:index:BranchAliases';
const REPOSITORY = 'gcp:artifactregistry/repository:Repository';

/** Steps that change nothing. */
const IDLE = ['same', 'read'];

/** What has no meaning of its own: groups of resources, the stack, plug-ins. */
const WITHOUT_MEANING = /^(?:kubernetes-ci-images:|pulumi:)/;

/** Puts a preview of the engine into the words of this project. Values that may be secret are left out. */
export function summarize({ steps: all, diagnostics }: Preview): Summary {
  // A resource that is read again first has a step for that, and another for what becomes of it.
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
  const tags = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  if (after === undefined) return [{ name, action: 'leave', ...tags, why: [] }];
  const build = built.get(name);
  if (build === undefined && (IDLE.includes(operation) || from === to)) return [];
  const why =
    before === undefined ? [] : changedInputs(buildInputsOf(before), buildInputsOf(after));
  if (build === undefined) return [{ name, action: 'adopt', ...tags, why }];
  return [{ name, action: 'build', ...tags, why, ...sourcesOf(build.after) }];
}

function sourcesOf(image: DeclaredResource | undefined): Pick<ImageChange, 'base' | 'snapshot'> {
  const { args } = (image?.inputs['build'] ?? {}) as { readonly args?: Inputs };
  const base = textOf(args, 'BASE');
  const snapshot = textOf(args, 'SNAPSHOT');
  return { ...(base !== undefined && { base }), ...(snapshot !== undefined && { snapshot }) };
}

function aliasMoves({ type, before, after }: PreviewStep): readonly AliasMove[] {
  if (type === TAG) {
    // One whose image leaves the catalog stays where it is.
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
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])]
    .filter((alias) => olds[alias] !== news[alias])
    .map((alias) => move(image, alias, olds[alias], alias in news ? news[alias] : 'gone'));
}

function move(image: string, alias: string, from?: string, to?: string): AliasMove {
  const isKnown = to !== undefined && to !== UNKNOWN_VALUE;
  return { image, alias, ...(from !== undefined && { from }), ...(isKnown && { to }) };
}

function policyChanges({ name, before, after }: PreviewStep): readonly PolicyChange[] {
  const olds = policiesOf(before);
  const news = policiesOf(after);
  return [...new Set([...olds.keys(), ...news.keys()])]
    .filter((id) => olds.get(id) !== news.get(id))
    .map((id) => {
      const [from, to] = [olds.get(id), news.get(id)];
      return { registry: name, id, ...(from && { from }), ...(to && { to }) };
    });
}

function policiesOf(repository: DeclaredResource | undefined): ReadonlyMap<string, string> {
  const policies = repository?.inputs['cleanupPolicies'];
  if (!Array.isArray(policies)) return new Map();
  return new Map(
    (policies as readonly Inputs[]).map(({ id, ...policy }) => [
      String(id),
      JSON.stringify(policy),
    ]),
  );
}

function otherChange({
  operation,
  type,
  name,
  before,
  after,
}: PreviewStep): readonly OtherChange[] {
  if ([PUBLICATION, IMAGE, TAG, BRANCH_ALIASES].includes(type)) return [];
  if (WITHOUT_MEANING.test(type)) return [];
  const olds = before?.inputs ?? {};
  const news = after?.inputs ?? {};
  const properties = [...new Set([...Object.keys(olds), ...Object.keys(news)])]
    .filter(
      (key) => !key.startsWith('__') && JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
    )
    .sort();
  const shown = before === undefined || after === undefined ? [] : properties;
  return [{ operation, type, name, properties: shown }];
}

/** The last part of a repository's path. */
function imageOf(inputs: Inputs | undefined): string {
  return (textOf(inputs, 'repository') ?? '').split('/').at(-1) ?? '';
}

function textOf(inputs: Inputs | undefined, key: string): string | undefined {
  const value = inputs?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
