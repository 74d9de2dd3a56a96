/** Stands for a value that is not known before `up` has run (in a preview only). */
export const UNKNOWN = Symbol('unknown');

/** A property as the plug-in protocol carries it. Secrets arrive unwrapped: the engine keeps track of them. */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly PropertyValue[]
  | { readonly [key: string]: PropertyValue };

export type Properties = Readonly<Record<string, PropertyValue>>;

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface Difference {
  /** Properties (top level, or paths such as `build.args`) that changed; empty for no change. */
  readonly changed: readonly string[];
  /** Those of `changed` that no update in place can bring about. */
  readonly replaces?: readonly string[];
}

/** What a resource is in the registry now. */
interface ResourceState {
  /** The resource's id, where the one asked for is only a short form of it (an import). */
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** True when the engine must read the resource again before it plans the next run. */
  readonly refreshBeforeUpdate?: boolean;
}

/** Writes a line to the engine's display, under the resource. `status` lines are replaced by the next one. */
export type Log = (severity: 'info' | 'warning' | 'error' | 'status', message: string) => void;

/**
 * One resource type of a provider plug-in. Whatever these functions throw is shown by the engine as
 * the resource's failure, by its message; `create` and `update` are never called twice at a time for
 * one resource, but many resources run at once. A `create` that fails after the resource came into
 * being throws an `UnfinishedError`.
 */
export interface ResourceType {
  /** Returns the inputs to keep. `olds` are the inputs kept by the last run. Inputs are kept as they came if absent. */
  check?(request: {
    urn: string;
    olds: Properties | undefined;
    news: Properties;
    log: Log;
  }): Promise<{ inputs: Properties; failures?: readonly CheckFailure[] }>;
  diff(request: {
    id: string;
    urn: string;
    oldInputs: Properties;
    oldOutputs: Properties;
    news: Properties;
    signal: AbortSignal;
  }): Difference | Promise<Difference>;
  /** In a preview the id is ignored by the engine, and outputs may hold `UNKNOWN`. */
  create(request: {
    urn: string;
    inputs: Properties;
    preview: boolean;
    log: Log;
    signal: AbortSignal;
  }): Promise<{ id: string; outputs: Properties; refreshBeforeUpdate?: boolean }>;
  /** `undefined` when the resource is gone. */
  read(request: {
    id: string;
    urn: string;
    inputs: Properties;
    outputs: Properties;
    signal: AbortSignal;
  }): Promise<ResourceState | undefined>;
  /** Returns the new outputs. */
  update?(request: {
    id: string;
    urn: string;
    oldInputs: Properties;
    oldOutputs: Properties;
    news: Properties;
    preview: boolean;
    log: Log;
    signal: AbortSignal;
  }): Promise<Properties>;
  /** Whether what an update left has to be read again before the engine plans the next run. */
  mustReadAgain?(outputs: Properties): boolean;
  delete(request: {
    id: string;
    urn: string;
    outputs: Properties;
    log: Log;
    signal: AbortSignal;
  }): Promise<void>;
}

/** A provider plug-in: what `serve` in `serve.ts` puts behind the engine's gRPC protocol. */
export interface Plugin {
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  /** Settings that the engine encrypts in the state even where the stack's file has them as they are. */
  readonly secretSettings?: readonly string[];
  /** Problems with the provider's configuration. */
  checkConfig?(news: Properties): readonly CheckFailure[];
  /** Provider inputs whose change matters to resources (others, such as a rotated password, do not). */
  diffConfig?(olds: Properties, news: Properties): Difference;
  /** Called once, before any resource call. */
  configure?(inputs: Properties): Promise<void>;
  /** Keyed by type token, such as `oci:index:Publication`. */
  readonly resources: Readonly<Record<string, ResourceType>>;
  /** Keyed by token, such as `gcp:organizations/getClientConfig:getClientConfig`. */
  readonly functions?: Readonly<Record<string, PluginFunction>>;
}

/** Looks something up for the program. What must stay secret is marked by `secretOf` in `properties.ts`. */
type PluginFunction = (
  inputs: Properties,
  context: { readonly signal: AbortSignal },
) => Properties | Promise<Properties>;

export function isObject(value: PropertyValue | undefined): value is Properties {
  return typeof value === 'object' && value !== null && !isList(value);
}

export function isList(value: PropertyValue | undefined): value is readonly PropertyValue[] {
  return Array.isArray(value);
}
