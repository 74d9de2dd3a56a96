import {
  type Diagnostic,
  UNKNOWN_VALUE,
  type DeclaredResource,
  type Inputs,
  type Preview,
  type PreviewStep,
} from './preview.ts';
import { LATEST } from '../image-reference.ts';
import { branchNews } from './branch-news.ts';
import { inCatalogOrder } from './catalog-order.ts';
import { comparable, recordOf } from './differences.ts';
import type { InputDetail } from './input-changes.ts';
import { type BuildInput, type BuildInputs, changedInputs } from '../tag/build-inputs.ts';

/** The changes of a run of the engine, in terms of this project. */
export interface Summary {
  /** A line for each event of the supported branches. */
  readonly branches: readonly string[];
  readonly images: readonly ImageChange[];
  readonly aliases: readonly AliasMove[];
  readonly policies: readonly PolicyChange[];
  readonly others: readonly ResourceChange[];
  readonly diagnostics: readonly Diagnostic[];
  /** The names of the images in the catalog's order, where it could be read. */
  readonly catalog?: readonly string[];
}

/** An image whose version changes. */
export interface ImageChange {
  readonly name: string;
  /**
   * `build`: built and pushed. `copy`: copied as it is. `adopt`: not built, since its tag is in the registry already. `leave`: not
   * in the catalog any more; published versions are kept.
   */
  readonly action: 'build' | 'copy' | 'adopt' | 'leave';
  /** Immutable tags; the old tag is absent for a new image. */
  readonly from?: string;
  readonly to?: string;
  /** The platforms that are built, of an image that has several. */
  readonly platforms: readonly string[];
  /** The build inputs that differ. Empty for a new image, and for one that the registry has lost. */
  readonly why: readonly InputChange[];
  /** The hashes of the build inputs at the last run, and of those that are declared now. */
  readonly published?: BuildInputs;
  readonly declared?: BuildInputs;
  /** The commit that the version of the last run was first published from. */
  readonly revision?: string;
}

/** Whether the run makes a version of the image, that can be tried before. */
export function isMade({ action }: ImageChange): boolean {
  return action === 'build' || action === 'copy';
}

/** A build input that differs. */
export interface InputChange {
  readonly input: BuildInput;
  /** What differs in it; absent while nobody has compared. */
  readonly details?: readonly InputDetail[];
  /** The new base or snapshot of a build; what is copied. */
  readonly value?: string;
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

/** A clean-up policy that is added, removed or changed, as JSON. */
export interface PolicyChange {
  readonly id: string;
  readonly from?: string;
  readonly to?: string;
}

/** Any other resource that changes. */
export interface ResourceChange {
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

/** Types that say nothing to a reader: components, the stack, plug-ins. */
export const INTERNAL = /^(?:kubernetes-ci-images:|pulumi:)/;

/** The engine lists the state refresh of a resource beside the step for its change. */
function withoutRefreshes(steps: readonly PreviewStep[]): readonly PreviewStep[] {
  return steps.filter(({ operation }) => operation !== 'refresh');
}

/** The steps that change something. */
export function changingSteps(steps: readonly PreviewStep[]): readonly PreviewStep[] {
  return withoutRefreshes(steps).filter(({ operation }) => !IDLE.includes(operation));
}

/** Summarizes a preview that the engine made `now`. Leaves out values that may be secret. */
export function summarize({ steps: all, diagnostics }: Preview, now: Date): Summary {
  const steps = withoutRefreshes(all);
  const changing = changingSteps(all);
  const builds = Map.groupBy(
    changing
      .filter(({ type, after }) => type === IMAGE && after?.inputs['build'] !== undefined)
      .map(({ name: resource, after }) => {
        const [name = '', platform] = resource.split(':');
        return { name, platform, args: recordOf(recordOf(after?.inputs['build'])['args']) };
      }),
    ({ name }) => name,
  );
  // The alias of an image publishes its index.
  const published = new Set(
    changing
      .filter(({ type, after }) => type === TAG && after?.inputs['index'] !== undefined)
      .map(({ after }) => imageOf(after?.inputs)),
  );
  return {
    branches: branchNews(steps, now),
    images: steps
      .filter(({ type }) => type === PUBLICATION)
      .flatMap((step) => imageChange(step, published, builds.get(step.name)) ?? []),
    aliases: changing.flatMap(aliasMoves),
    policies: changing.filter(({ type }) => type === REPOSITORY).flatMap(policyChanges),
    others: changing.flatMap(resourceChange),
    diagnostics,
  };
}

/** The hashes of a Publication's build inputs. */
function buildInputsOf({ inputs: { inputs } }: DeclaredResource): BuildInputs {
  return typeof inputs === 'object' && inputs !== null ? inputs : {};
}

/** `published` are the images that the run publishes, by name. `builds` are those of its platforms, with build arguments. */
function imageChange(
  { operation, name, before, after }: PreviewStep,
  published: ReadonlySet<string>,
  builds: readonly { readonly platform: string | undefined; readonly args: Inputs }[] = [],
): ImageChange | undefined {
  const args = builds[0]?.args;
  const platforms = builds.flatMap(({ platform }) => platform ?? []);
  const from = textOf(before?.inputs, 'tag');
  const to = textOf(after?.inputs, 'tag');
  if (after === undefined) return { name, action: 'leave', from, to, platforms, why: [] };
  const copied = published.has(name) ? textOf(after.inputs, 'from') : undefined;
  const unbuilt = copied === undefined ? 'adopt' : 'copy';
  const action = args === undefined ? unbuilt : 'build';
  if (action === 'adopt' && (IDLE.includes(operation) || from === to)) return undefined;
  const olds = before && buildInputsOf(before);
  const declared = buildInputsOf(after);
  const inputs = olds === undefined ? [] : changedInputs(olds, declared);
  const values: Partial<Record<BuildInput, string>> = {
    base: textOf(args, 'BASE'),
    from: copied,
    snapshot: textOf(args, 'SNAPSHOT'),
  };
  const why = inputs.map((input) => ({ input, value: values[input] }));
  const revision = textOf(before?.inputs, 'revision');
  return { name, action, from, to, platforms, why, published: olds, declared, revision };
}

function aliasMoves({ type, before, after }: PreviewStep): readonly AliasMove[] {
  const { inputs } = after ?? before ?? { inputs: {} };
  const image = imageOf(inputs);
  if (type === TAG) {
    // The alias of an image that leaves the catalog is not moved.
    if (after === undefined) return [];
    const alias = textOf(inputs, 'tag') ?? '';
    // The tag that a copy has at its source may be another than before: that one stays.
    const old = textOf(before?.inputs, 'tag') === alias ? before : undefined;
    // The run that published what the alias names had it as an output only.
    const from = textOf(old?.outputs, 'digest') ?? textOf(old?.inputs, 'digest');
    const to = textOf(inputs, 'digest');
    if (from === to && from !== undefined) return [];
    return [{ image, alias, from, to: known(to) }];
  }
  if (type !== BRANCH_ALIASES) return [];
  const digests = recordOf(before?.outputs?.['digests']);
  // A pin, and what follows `latest`, stand for what the last run has found.
  const targetsIn = (aliases: unknown) => {
    const targets = Object.entries(recordOf(aliases)).map(([alias, target]) => {
      const isByDigest = target === '' || target === LATEST;
      return [alias, isByDigest ? (digests[alias] ?? target) : target] as const;
    });
    return Object.fromEntries(targets);
  };
  const olds = targetsIn(before?.inputs['aliases']);
  const news = targetsIn(after?.inputs['aliases']);
  return changedKeys(olds, news).map((alias) => {
    const to = alias in news ? known(String(news[alias])) : 'gone';
    return { image, alias, from: alias in olds ? String(olds[alias]) : undefined, to };
  });
}

/** The name of the image whose repository it is. */
function imageOf(inputs: Inputs | undefined): string {
  return (textOf(inputs, 'repository') ?? '').split('/').at(-1) ?? '';
}

function known(target: string | undefined): string | undefined {
  return target === UNKNOWN_VALUE ? undefined : target;
}

function policyChanges({ before, after }: PreviewStep): readonly PolicyChange[] {
  const olds = policiesOf(before);
  const news = policiesOf(after);
  return changedKeys(olds, news).map((id) => ({ id, from: olds[id], to: news[id] }));
}

/** Id → policy as JSON. */
function policiesOf(
  repository: DeclaredResource | undefined,
): Readonly<Record<string, string | undefined>> {
  if (repository === undefined) return {};
  const policies = recordOf(comparable(repository)['cleanupPolicies']);
  return Object.fromEntries(
    Object.entries(policies).map(([id, policy]) => [id, JSON.stringify(policy)]),
  );
}

function resourceChange(step: PreviewStep): readonly ResourceChange[] {
  const { operation, type, name, before, after } = step;
  if ([PUBLICATION, IMAGE, TAG, BRANCH_ALIASES].includes(type) || INTERNAL.test(type)) return [];
  const changed = before && after ? changedKeys(comparable(before), comparable(after)) : [];
  return [{ operation, type, name, properties: changed.toSorted() }];
}

/** The keys of either record whose values differ as JSON. */
function changedKeys(olds: Inputs, news: Inputs): readonly string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
}

/** The summary with what it has of each image as the catalog with these names lists them. */
export function orderSummary(summary: Summary, names: readonly string[]): Summary {
  return {
    ...summary,
    catalog: names,
    images: inCatalogOrder(summary.images, ({ name }) => name, names),
    aliases: inCatalogOrder(summary.aliases, ({ image }) => image, names),
    // The resource of a platform is called `<image>:<platform>`.
    others: inCatalogOrder(summary.others, ({ name }) => name.split(':')[0] ?? '', names),
  };
}

function textOf(inputs: Inputs | undefined, key: string): string | undefined {
  const value = inputs?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
