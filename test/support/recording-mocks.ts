import pulumi from '@pulumi/pulumi';
import type { MockResourceArgs, MockResourceResult } from '@pulumi/pulumi/runtime/mocks.js';

/** A registration as the engine would get it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Set for a resource that is read, not created. */
  readonly id: string;
}

export type Respond = (resource: RecordedResource) => MockResourceResult;

/**
 * Puts recording mocks in the engine's place. `respond` answers by type token; a type that it does not
 * list throws, so that a resource nobody expected fails the test instead of passing unseen.
 */
export async function recordResources(
  respond: Readonly<Record<string, Respond>>,
  { preview = false } = {},
): Promise<RecordedResource[]> {
  const recorded: RecordedResource[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        const resource = recordedResource(args);
        recorded.push(resource);
        if (args.custom === false) return { id: undefined, state: {} };
        const answer = respond[args.type];
        if (answer === undefined) throw new Error(`nobody expected a resource ${args.type}`);
        return answer(resource);
      },
      call({ token }) {
        throw new Error(`nobody expected a call of ${token}`);
      },
    },
    'kubernetes-ci-images',
    'test',
    preview,
  );
  return recorded;
}

function recordedResource({ type, name, inputs, id = '' }: MockResourceArgs): RecordedResource {
  return { type, name, inputs: inputs as RecordedResource['inputs'], id };
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
