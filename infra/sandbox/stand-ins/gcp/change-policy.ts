import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { hasCode } from './google-error.ts';
import type { Work } from './kind.ts';
import type { PolicyPlace } from './policy-place.ts';

const MOST_CONFLICTS = 8;
const FIRST_PAUSE_MS = 250;

/** Work under way by resource: a policy is read and written as a whole. */
const underWay = new Map<string, Promise<unknown>>();

/** Reads a resource's policy. */
export function readPolicy(place: PolicyPlace, { ask }: Work): Promise<Properties> {
  return ask(place.get);
}

/**
 * Reads a resource's policy, changes it and writes it back, all anew where somebody else has changed
 * it meanwhile (409: the etag is another one). Changes to one resource's policy wait for each other.
 * Returns the policy as Google has it then.
 */
export function changePolicy(
  place: PolicyPlace,
  change: (policy: Properties) => Properties,
  work: Work,
): Promise<Properties> {
  const key = `${place.get.service} ${place.get.path}`;
  const before = underWay.get(key) ?? Promise.resolve();
  const after = before.then(
    () => attempt(place, change, work),
    () => attempt(place, change, work),
  );
  underWay.set(key, after);
  return after;
}

async function attempt(
  place: PolicyPlace,
  change: (policy: Properties) => Properties,
  work: Work,
): Promise<Properties> {
  for (let conflicts = 1; ; conflicts += 1) {
    const policy = change(await readPolicy(place, work));
    try {
      return await work.ask({ ...place.set, body: { ...place.set.body, policy } });
    } catch (error) {
      if (!hasCode(error, 409) || conflicts === MOST_CONFLICTS) throw error;
      const backoff = FIRST_PAUSE_MS * 2 ** (conflicts - 1) * (0.5 + Math.random() / 2);
      await work.pause(backoff);
    }
  }
}
