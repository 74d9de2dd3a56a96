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

export function isObject(value: PropertyValue | undefined): value is Properties {
  return typeof value === 'object' && value !== null && !isList(value);
}

export function isList(value: PropertyValue | undefined): value is readonly PropertyValue[] {
  return Array.isArray(value);
}

export function containsUnknown(value: PropertyValue | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (isList(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

interface Checked {
  /** The inputs to keep. */
  readonly inputs: Properties;
  readonly failures?: readonly CheckFailure[];
}

export interface Difference {
  /** Properties (top level, or paths such as `build.args`) that changed; empty for no change. */
  readonly changed: readonly string[];
  /** The keys of `changed` that need a replacement instead of an update. */
  readonly replaces?: readonly string[];
}

/** What a resource is in the registry now. */
interface ResourceState {
  /** The full id, where the requested one is a short form of it (an import). */
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** Writes a line to the engine's display, under the resource. The next line replaces one of `status`. */
export type Log = (severity: 'info' | 'warning' | 'error' | 'status', message: string) => void;

/** What every call for a resource comes with. */
export interface Call {
  readonly urn: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Seconds that the resource's `customTimeouts` allow; absent where they don't say. */
  readonly timeout?: number;
}

interface Change extends Call {
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly news: Properties;
}

/**
 * One resource type of a provider plug-in. The engine shows the message of whatever these functions
 * throw as the resource's failure. It never calls `create` and `update` twice at a time for one
 * resource, but for many resources at once. With `preview`, both plan only. A `create` that fails after
 * the resource came into being throws an `UnfinishedError`.
 */
export interface ResourceType {
  /** `olds` are the inputs of the last run. Without this function, the inputs are kept as they came. */
  check?(
    call: Call & { olds: Properties | undefined; news: Properties },
  ): Checked | Promise<Checked>;
  diff(change: Change): Difference | Promise<Difference>;
  /** In a preview the engine ignores the id, and outputs may hold `UNKNOWN`. */
  create(
    call: Call & { inputs: Properties; preview: boolean },
  ): Promise<{ id: string; outputs: Properties }>;
  /** `undefined` when the resource is gone. Without this function, the resource is as it was left. */
  read?(
    call: Call & { id: string; inputs: Properties; outputs: Properties },
  ): Promise<ResourceState | undefined>;
  /** Returns the new outputs. */
  update(change: Change & { preview: boolean }): Promise<Properties>;
  /** Without this function, only the state forgets the resource. */
  delete?(call: Call & { id: string; outputs: Properties }): Promise<void>;
  /** Whether the engine must read a resource with these outputs before it plans the next run. */
  refreshBeforeUpdate?(outputs: Properties): boolean;
}

/** A provider plug-in: what `serve` puts behind the engine's gRPC protocol. */
export interface Plugin {
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  /** The package's schema, without its name and version. */
  readonly schema?: object;
  /** Settings that the engine encrypts in the state, also where the stack's file has them in plain text. */
  readonly secretSettings?: readonly string[];
  /** Problems with the provider's configuration. */
  checkConfig?(news: Properties): readonly CheckFailure[];
  /** Provider inputs whose change matters to resources (others, such as a rotated password, do not). */
  diffConfig?(olds: Properties, news: Properties): Difference;
  /** Called once, before any resource call. */
  configure?(inputs: Properties): Promise<void>;
  /** By type token, such as `oci:index:Publication`. */
  readonly resources: Readonly<Record<string, ResourceType>>;
  /** By token, such as `gcp:organizations/getClientConfig:getClientConfig`. */
  readonly functions?: Readonly<Record<string, PluginFunction>>;
}

/** Looks something up for the program. `secretOf` in `properties.ts` marks what must stay secret. */
export type PluginFunction = (
  inputs: Properties,
  context: { readonly signal: AbortSignal },
) => Properties | Promise<Properties>;
