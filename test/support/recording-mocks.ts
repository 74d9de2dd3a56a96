import pulumi from '@pulumi/pulumi';
import type resourcePb from '@pulumi/pulumi/proto/resource_pb.js';
import { MockMonitor, type MockResourceResult } from '@pulumi/pulumi/runtime/mocks.js';
import { getMonitor } from '@pulumi/pulumi/runtime/settings.js';
import { expect } from 'vitest';

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
interface RecordedOptions {
  readonly protect: boolean;
  readonly parent: string;
  /** Empty for the engine's default. */
  readonly provider: string;
  /** What it waits for, by its options or its inputs, sorted. */
  readonly dependencies: readonly string[];
  /** `customTimeouts`, such as `{ create: '5m' }`. */
  readonly timeouts: Readonly<Record<string, string>>;
}

export type Respond = (resource: RecordedResource) => MockResourceResult;

interface RecordingOptions {
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
      newResource({ type, name, inputs, id = '', custom, provider = '' }) {
        const others = options.get(`${type} ${name}`) ?? NO_OPTIONS;
        const given = { ...others, provider: briefly(provider.replace(/::[^:]*$/, '')) };
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
    'organization',
  );
  recordOptions(options);
  return recorded;
}

type Inputs = RecordedResource['inputs'];

const NO_OPTIONS: RecordedOptions = {
  protect: false,
  parent: '',
  provider: '',
  dependencies: [],
  timeouts: {},
};

/** Mocks get to see the inputs of a registration, and not its options. */
function recordOptions(options: Map<string, RecordedOptions>): void {
  const monitor: unknown = getMonitor();
  if (!(monitor instanceof MockMonitor)) throw new Error('there are no mocks');
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: resourcePb.RegisterResourceRequest, callback) => {
    options.set(`${request.getType()} ${request.getName()}`, {
      protect: request.getProtect() === true,
      parent: briefly(request.getParent()),
      provider: '',
      dependencies: request.getDependenciesList().map(briefly).sort(),
      timeouts: {
        create: request.getCustomtimeouts()?.getCreate() ?? '',
        update: request.getCustomtimeouts()?.getUpdate() ?? '',
        delete: request.getCustomtimeouts()?.getDelete() ?? '',
      },
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

export const TOKEN = 'access-token';

/** The calls by which the program begins, for `recordResources`. */
export const LOGIN = {
  'gcp:artifactregistry/getRepository:getRepository': () => ({ effectiveLabels: {} }),
  'gcp:organizations/getClientConfig:getClientConfig': () => ({ accessToken: TOKEN }),
  'oci:index:logIn': () => ({}),
  'oci:index:mayMake': () => ({}),
};

/** What a program registered under mocks. */
interface RegisteredResources {
  /** All of a type, by name. */
  readonly all: (type: string) => readonly RecordedResource[];
  /** The one of a type; throws when there is none or more. */
  readonly only: (type: string) => RecordedResource;
  readonly names: readonly string[];
}

/** Answers for types whose outputs are their inputs, and the outputs of `more`. */
export function echo(...types: readonly string[]): Record<string, Respond> {
  const answer: Respond = ({ name, inputs }) => ({ id: `${name}-id`, state: { ...inputs } });
  return Object.fromEntries(types.map((type) => [type, answer]));
}

/** Answers for types whose resources fail. */
export function failing(...types: readonly string[]): Record<string, Respond> {
  const answer: Respond = () => {
    throw new Error('403');
  };
  return Object.fromEntries(types.map((type) => [type, answer]));
}

/** Runs `declare` under mocks, and waits until all that it leads to is registered. */
export async function resourcesOf(
  respond: Readonly<Record<string, Respond>>,
  declare: () => pulumi.Resource,
): Promise<RegisteredResources> {
  const recorded = await recordResources(respond);
  declare();
  await pulumi.runtime.disconnect();
  return registered(recorded);
}

/** What has been recorded by now. */
export function registered(recorded: readonly RecordedResource[]): RegisteredResources {
  const all = (type: string) =>
    recorded
      .filter((resource) => resource.type === type)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    all,
    only(type) {
      const [one = expect.fail(`no ${type}`), ...more] = all(type);
      expect(more).toEqual([]);
      return one;
    },
    names: recorded.map(({ type, name }) => `${type} ${name}`).sort(),
  };
}
