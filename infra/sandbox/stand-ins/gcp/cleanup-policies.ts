import {
  isList,
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { containsUnknown } from '../docker/image-inputs.ts';
import { textOf } from './property-text.ts';
import { sameValue, settled } from './same-value.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const DURATION = /^(\d+)([smhd])$/;
const DURATIONS = ['olderThan', 'newerThan'] as const;

/**
 * Clean-up policies as Artifact Registry writes them: by id, durations in seconds, and every
 * condition with its tag state.
 */
export function policiesToGoogle(policies: PropertyValue | undefined): Properties | undefined {
  const list = isList(policies) ? policies.filter(isObject) : [];
  if (list.length === 0) return undefined;
  return Object.fromEntries(list.map((policy) => [textOf(policy, 'id'), policyToGoogle(policy)]));
}

/** Clean-up policies as the program writes them, by id; none where there are none. */
export function policiesFromGoogle(policies: PropertyValue | undefined): PropertyValue {
  if (!isObject(policies)) return [];
  const ids = Object.keys(policies).sort();
  return ids.map((id) => {
    const policy = policies[id];
    return isObject(policy) ? { ...policyToGoogle(policy), id } : { id };
  });
}

/** Whether two lists of policies mean the same: their order, and the unit of a duration, mean nothing. */
export function samePolicies(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  return sameValue(policiesToGoogle(was), policiesToGoogle(wanted));
}

/** What is wrong with policies that Google could not tell: it would see one policy of an id, or no duration. */
export function policiesProblem(policies: PropertyValue): string | undefined {
  const known = (isList(policies) ? policies : []).filter(isObject);
  const ids = known.map((policy) => policy['id']).filter((id) => typeof id === 'string');
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return `has two policies with the id "${twice}"`;
  if (known.some(({ id }) => id === undefined || id === '')) return 'has a policy without an id';
  for (const { id, condition } of known) {
    if (!isObject(condition)) continue;
    for (const name of DURATIONS) {
      const value = condition[name];
      if (value === undefined || containsUnknown(value) || isDuration(value)) continue;
      return `has policy ${JSON.stringify(id)} with ${name} ${JSON.stringify(value)}: write seconds, such as "2592000s"`;
    }
  }
  return undefined;
}

function policyToGoogle({ action, condition, mostRecentVersions }: Properties): Properties {
  const policy: Properties = {
    ...(action !== undefined && { action }),
    ...(isObject(condition) && { condition: conditionToGoogle(condition) }),
    ...(mostRecentVersions !== undefined && { mostRecentVersions }),
  };
  const kept = settled(policy);
  return isObject(kept) ? kept : {};
}

function conditionToGoogle(condition: Properties): Properties {
  const durations = DURATIONS.flatMap((name) => {
    const value = condition[name];
    return value === undefined ? [] : [[name, inSeconds(value)] as const];
  });
  return {
    ...condition,
    tagState: sameValue(condition['tagState'], undefined)
      ? 'ANY'
      : (condition['tagState'] ?? 'ANY'),
    ...Object.fromEntries(durations),
  };
}

function isDuration(value: PropertyValue): boolean {
  return value === null || value === '' || (typeof value === 'string' && DURATION.test(value));
}

function inSeconds(value: PropertyValue): PropertyValue {
  const [, amount, unit] = (typeof value === 'string' ? DURATION.exec(value) : null) ?? [];
  if (amount === undefined || unit === undefined) return value;
  return `${Number(amount) * (SECONDS[unit] ?? 1)}s`;
}
