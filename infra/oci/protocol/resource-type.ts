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

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface Difference {
  /** Properties (top level, or paths such as `build.args`) that changed; empty for no change. */
  readonly changed: readonly string[];
  /** Those of `changed` that need a replacement instead of an update. */
  readonly replaces?: readonly string[];
}

/** What a resource is in the registry now. */
interface ResourceState {
  /** The full id, where the requested one is a short form of it (an import). */
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** True when the engine must read the resource again before it plans the next run. */
  readonly refreshBeforeUpdate?: boolean;
}

/** Writes a line to the engine's display, under the resource. The next line replaces one of `status`. */
export type Log = (severity: 'info' | 'warning' | 'error' | 'status', message: string) => void;

interface Existing {
  readonly id: string;
  readonly urn: string;
  readonly signal: AbortSignal;
}

interface Change extends Existing {
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly news: Properties;
}

/** Of calls that act: in a preview, they plan only. */
interface Acting {
  readonly preview: boolean;
  readonly log: Log;
}

/**
 * One resource type of a provider plug-in. The engine shows the message of whatever these functions
 * throw as the resource's failure. It never calls `create` and `update` twice at a time for one
 * resource, but for many resources at once. A `create` that fails after the resource came into
 * being throws an `UnfinishedError`.
 */
export interface ResourceType {
  /** Returns the inputs to keep; without this function, as they came. `olds` are those of the last run. */
  check?(request: {
    urn: string;
    olds: Properties | undefined;
    news: Properties;
    log: Log;
  }): Promise<{ inputs: Properties; failures?: readonly CheckFailure[] }>;
  diff(request: Change): Difference | Promise<Difference>;
  /** In a preview the engine ignores the id, and outputs may hold `UNKNOWN`. */
  create(
    request: Omit<Existing, 'id'> & Acting & { inputs: Properties },
  ): Promise<{ id: string; outputs: Properties; refreshBeforeUpdate?: boolean }>;
  /** `undefined` when the resource is gone. */
  read(
    request: Existing & { inputs: Properties; outputs: Properties },
  ): Promise<ResourceState | undefined>;
  /** Returns the new outputs. */
  update?(request: Change & Acting): Promise<Properties>;
  /** Whether the engine must read the outputs of an update again before it plans the next run. */
  mustReadAgain?(outputs: Properties): boolean;
  delete(request: Existing & { outputs: Properties; log: Log }): Promise<void>;
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
