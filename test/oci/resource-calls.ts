import { expect } from 'vitest';
import type {
  Difference,
  Properties,
  ResourceType,
} from '../../infra/oci/protocol/resource-type.ts';

export const PLACE = { registry: '127.0.0.1:5000', repository: 'ci/debian-12', tag: '12-abc' };

const URN = 'urn:pulumi:test::project::type::name';
const signal = new AbortController().signal;

/** A resource type called as the engine calls it, with what no test is about filled in. */
export function callsOf(type: ResourceType) {
  const logged: string[] = [];
  const log = (severity: string, message: string) => logged.push(`${severity}: ${message}`);
  const context = { urn: URN, id: 'id', log, signal };
  return {
    logged,
    /** The inputs to keep. */
    async check(news: Properties, olds?: Properties) {
      const checked = await type.check?.({ ...context, olds, news });
      return checked?.inputs ?? expect.fail('nothing is checked');
    },
    /** The reasons why the inputs are refused. */
    async failures(news: Properties, olds?: Properties) {
      const { failures = [] } = (await type.check?.({ ...context, olds, news })) ?? {};
      return failures.map(({ reason }) => reason);
    },
    diff: async (
      oldInputs: Properties,
      news: Properties,
      oldOutputs: Properties = {},
    ): Promise<Difference> => type.diff({ ...context, oldInputs, oldOutputs, news }),
    create: (inputs: Properties, preview = false) => type.create({ ...context, inputs, preview }),
    read: async (inputs: Properties, outputs: Properties) =>
      type.read?.({ ...context, inputs, outputs }),
    async update(
      oldOutputs: Properties,
      news: Properties,
      preview = false,
      oldInputs = oldOutputs,
    ) {
      return type.update({ ...context, oldInputs, oldOutputs, news, preview });
    },
    delete: async (outputs: Properties) => type.delete?.({ ...context, outputs }),
    refreshes: (outputs: Properties) => type.refreshBeforeUpdate?.(outputs),
  };
}
