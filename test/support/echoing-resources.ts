import pulumi from '@pulumi/pulumi';
import { recordResources, type RecordedResource, type Respond } from './recording-mocks.ts';

/** What a program registered under mocks. */
export interface RegisteredResources {
  /** All of a type, by name. */
  all(type: string): readonly RecordedResource[];
  /** The one of a type; throws when there is none or more. */
  only(type: string): RecordedResource;
  readonly names: readonly string[];
}

/** Answers for types whose outputs are their inputs, and the outputs of `more`. */
export function echo(...types: readonly string[]): Record<string, Respond> {
  const answer: Respond = ({ name, inputs }) => ({ id: `${name}-id`, state: { ...inputs } });
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
  const all = (type: string) =>
    recorded
      .filter((resource) => resource.type === type)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    all,
    only(type) {
      const [one, ...more] = all(type);
      if (one === undefined || more.length > 0) {
        throw new Error(`${one === undefined ? 'no' : 'more than one'} ${type}`);
      }
      return one;
    },
    names: recorded.map(({ type, name }) => `${type} ${name}`).sort(),
  };
}
