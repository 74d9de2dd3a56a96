import pulumi from '@pulumi/pulumi';
import type resourcePb from '@pulumi/pulumi/proto/resource_pb.js';
import type { MockResourceResult } from '@pulumi/pulumi/runtime/mocks.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';

/** A registration as the engine would get it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Set for a resource that is read, not created. */
  readonly id: string;
  readonly options: RecordedOptions;
}

/** Options of a registration, other resources by their type and name. */
export interface RecordedOptions {
  readonly protect: boolean;
  readonly parent: string;
  /** What it waits for, by its options or its inputs, sorted. */
  readonly dependencies: readonly string[];
}

export type Respond = (resource: RecordedResource) => MockResourceResult;

export interface RecordingOptions {
  readonly preview?: boolean;
  /** Answers of functions, by token; others throw. */
  readonly calls?: Readonly<Record<string, (inputs: unknown) => Record<string, unknown>>>;
}

/**
 * Puts recording mocks in the engine's place. `respond` answers by type token; a type that it does not
 * list throws, so that a resource nobody expected fails the test instead of passing unseen.
 */
export async function recordResources(
  respond: Readonly<Record<string, Respond>>,
  { preview = false, calls = {} }: RecordingOptions = {},
): Promise<RecordedResource[]> {
  const recorded: RecordedResource[] = [];
  const options = new Map<string, RecordedOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, id = '', custom }) {
        const given = options.get(`${type} ${name}`) ?? NO_OPTIONS;
        const resource = { type, name, inputs: inputs as Inputs, id, options: given };
        recorded.push(resource);
        if (custom === false) return { id: undefined, state: {} };
        const answer = respond[type];
        if (answer === undefined) throw new Error(`nobody expected a resource ${type}`);
        return answer(resource);
      },
      call({ token, inputs }) {
        const answer = calls[token];
        if (answer === undefined) throw new Error(`nobody expected a call of ${token}`);
        return answer(inputs);
      },
    },
    'kubernetes-ci-images',
    'test',
    preview,
  );
  recordOptions(options);
  return recorded;
}

type Inputs = RecordedResource['inputs'];

const NO_OPTIONS: RecordedOptions = { protect: false, parent: '', dependencies: [] };

/** As far as it is used here: mocks get to see the inputs of a registration, and not its options. */
interface Monitor {
  registerResource(request: resourcePb.RegisterResourceRequest, callback: unknown): unknown;
}

function recordOptions(options: Map<string, RecordedOptions>): void {
  const monitor = getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    options.set(`${request.getType()} ${request.getName()}`, {
      protect: request.getProtect() === true,
      parent: briefly(request.getParent()),
      dependencies: request.getDependenciesList().map(briefly).sort(),
    });
    return register(request, callback);
  };
}

/** The type and the name in a URN. */
function briefly(urn: string): string {
  const [type = '', name = ''] = urn.split('::').slice(-2);
  return `${type.split('$').at(-1) ?? ''} ${name}`.trim();
}

/** An output's value; rejects when the output faults, and when it takes longer than a test may. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const settled = pulumi.recover(
      output.apply((value) => {
        resolve(value);
        return '';
      }),
      (error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        return '';
      },
    );
    settled.apply(() => undefined);
  });
}
