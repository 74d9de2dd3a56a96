import {
  isObject,
  type CheckFailure,
  type Properties,
} from '../../../oci/protocol/resource-type.ts';
import type { Field, Fields } from './field.ts';
import { conditionKey, findBinding, type Binding } from './policy.ts';
import { textOf } from './property-text.ts';

/** The inputs that every grant of a role has. */
export const GRANT_FIELDS: Fields = {
  role: {
    type: 'text',
    required: true,
    replaces: true,
    problem: (role) =>
      typeof role === 'string' && /^(?:(?:projects|organizations)\/[^/]+\/)?roles\/.+$/.test(role)
        ? undefined
        : 'write roles/..., or projects/{project}/roles/... for a custom role',
  },
  condition: { type: 'object', replaces: true } satisfies Field,
};

/** The role and condition that inputs grant. */
export function roleOf(inputs: Properties): Pick<Binding, 'role' | 'condition'> {
  const { condition } = inputs;
  return { role: textOf(inputs, 'role'), condition: isObject(condition) ? condition : undefined };
}

/** A condition has a title and an expression. */
export function conditionProblems({ condition }: Properties): CheckFailure[] {
  if (!isObject(condition)) return [];
  return ['title', 'expression']
    .filter((name) => condition[name] === undefined || condition[name] === '')
    .map((name) => ({ property: `condition.${name}`, reason: 'is missing' }));
}

/** An id of the official plug-in: the resource, the role, whom, and the condition. */
export function grantId(
  resource: string,
  { role, condition }: Pick<Binding, 'role' | 'condition'>,
  member?: string,
): string {
  const whom = member === undefined ? [] : [member];
  return [resource, role, ...whom, ...conditionKey(condition)].join('/');
}

/**
 * What an import's id says, in words between spaces: the resource, the role, for a member whom, and
 * the condition's title.
 */
export function parseGrantId(id: string, words: 2 | 3) {
  const parts = id.split(' ').filter((part) => part !== '');
  const [resource, role, member] = parts;
  if (resource === undefined || role === undefined || parts.length < words) {
    const form = words === 3 ? '"{resource} {role} {member}"' : '"{resource} {role}"';
    throw new Error(`"${id}" is not an id of this type; write ${form}`);
  }
  return {
    resource,
    role,
    member: words === 3 ? member : undefined,
    title: parts.slice(words).join(' '),
  };
}

/** The binding of a policy that has the role, under the condition of that title. */
export function bindingByTitle(policy: Properties, role: string, title: string) {
  const { bindings } = policy;
  const conditions = (Array.isArray(bindings) ? (bindings as readonly Properties[]) : [])
    .filter((binding) => isObject(binding) && binding['role'] === role)
    .map((binding) => roleOf(binding).condition)
    .filter((condition) => (condition === undefined ? '' : textOf(condition, 'title')) === title);
  return findBinding(policy, { role, condition: conditions[0] });
}
