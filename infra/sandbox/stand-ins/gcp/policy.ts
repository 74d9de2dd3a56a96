import { isList, isObject, type Properties } from '../../../oci/protocol/resource-type.ts';
import { hasCode, type GoogleRequest, type Work } from './google-client.ts';
import { textOf, textsOf } from './property.ts';

/** With conditions; Google rejects them in any older one (IAM, "Policy versions"). */
export const POLICY_VERSION = 3;

const MOST_CONFLICTS = 8;
const FIRST_PAUSE_MS = 250;

/** Changes under way by resource: a policy is read and written as a whole. */
const underWay = new Map<string, Promise<unknown>>();

/** The members who have a role in a policy without a condition. */
export function membersOf(policy: Properties, role: string): string[] {
  const own = bindingsOf(policy).filter((binding) => isFor(binding, role));
  return [...new Set(own.flatMap((binding) => textsOf(binding, 'members')))];
}

/** The policy where exactly these members have the role without a condition. */
export function withMembers(
  policy: Properties,
  role: string,
  members: readonly string[],
): Properties {
  const others = bindingsOf(policy).filter((binding) => !isFor(binding, role));
  const own = { role, members: [...new Set(members)].sort() };
  const bindings = members.length === 0 ? others : [...others, own];
  return { ...policy, bindings, version: POLICY_VERSION };
}

/**
 * Reads a policy, changes it and writes it back, and starts anew where somebody else has changed it
 * meanwhile (409: the etag is another one). Changes to one resource's policy wait for each other.
 * Returns the policy that Google has afterwards.
 */
export function changePolicy(
  get: GoogleRequest,
  set: GoogleRequest,
  change: (policy: Properties) => Properties,
  { send, pause }: Work,
): Promise<Properties> {
  const run = async () => {
    for (let conflicts = 1; ; conflicts += 1) {
      const policy = change(await send(get));
      try {
        return await send({ ...set, body: { policy } });
      } catch (error) {
        if (!hasCode(error, 409) || conflicts === MOST_CONFLICTS) throw error;
        await pause(FIRST_PAUSE_MS * 2 ** (conflicts - 1) * (0.5 + Math.random() / 2));
      }
    }
  };
  const before = underWay.get(get.path) ?? Promise.resolve();
  const after = before.then(run, run);
  underWay.set(get.path, after);
  return after;
}

function bindingsOf({ bindings }: Properties): Properties[] {
  return (isList(bindings) ? bindings : []).filter(isObject);
}

/** A binding with a condition is another one, which the program never makes. */
function isFor(binding: Properties, role: string): boolean {
  return textOf(binding, 'role') === role && !isObject(binding['condition']);
}
