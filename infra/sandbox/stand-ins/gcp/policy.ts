import { isDeepStrictEqual } from 'node:util';
import {
  isList,
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { textOf, textsOf } from './property-text.ts';

/** With conditions; Google refuses them in any older one (IAM, "Policy versions"). */
export const POLICY_VERSION = 3;

/** A role, under a condition or none, and who has it. */
export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  readonly condition: Properties | undefined;
}

/** Principals in whose names case matters, or which have none. */
const CASE_MATTERS =
  /^(?:allUsers|allAuthenticatedUsers|project(?:Owner|Editor|Viewer):|principal(?:Set|Hierarchy)?:|deleted:)/;

/** A principal as Google writes it: e-mail addresses in lower case. */
export function normalMember(member: string): string {
  if (CASE_MATTERS.test(member)) return member;
  const colon = member.indexOf(':');
  return member.slice(0, colon + 1) + member.slice(colon + 1).toLowerCase();
}

/** What is wrong with a principal, in the official plug-in's eyes. */
export function memberProblem(member: PropertyValue): string | undefined {
  if (typeof member !== 'string') return 'must be a text';
  if (member.startsWith('deleted')) return `"${member}" is gone: nothing can be granted to it`;
  if (/^.+:.+$/.test(member) || /^all(?:Authenticated)?Users$/.test(member)) return undefined;
  return `"${member}" has no type: write allUsers, user:..., group:... or serviceAccount:...`;
}

/** The binding of a policy for a role and condition. */
export function findBinding(
  policy: Properties,
  wanted: Pick<Binding, 'role' | 'condition'>,
): Binding | undefined {
  const same = bindingsOf(policy).filter((binding) => isFor(binding, wanted));
  const [first] = same;
  if (first === undefined) return undefined;
  return { ...first, members: [...new Set(same.flatMap(({ members }) => members))] };
}

/** The policy with the members of `grant` too. */
export function withMembers(policy: Properties, grant: Binding): Properties {
  const present = findBinding(policy, grant)?.members ?? [];
  return withBinding(policy, { ...grant, members: [...present, ...grant.members] });
}

/** The policy without the members of `grant`. */
export function withoutMembers(policy: Properties, grant: Binding): Properties {
  const gone = grant.members.map(normalMember);
  const present = findBinding(policy, grant)?.members ?? [];
  const members = present.filter((member) => !gone.includes(normalMember(member)));
  return withBinding(policy, { ...grant, members });
}

/** The policy where exactly the members of `binding` have its role under its condition. */
export function withBinding(policy: Properties, binding: Binding): Properties {
  const others = bindingsOf(policy).filter((other) => !isFor(other, binding));
  const members = [...new Set(binding.members.map(normalMember))].sort();
  const all = members.length === 0 ? others : [...others, { ...binding, members }];
  const bindings = all.map(({ role, members: who, condition }) => ({
    role,
    members: who,
    ...(condition !== undefined && { condition }),
  }));
  return { ...policy, bindings, version: POLICY_VERSION };
}

function bindingsOf(policy: Properties): Binding[] {
  const bindings = policy['bindings'];
  return (isList(bindings) ? bindings : []).filter(isObject).map((binding) => ({
    role: textOf(binding, 'role'),
    members: textsOf(binding, 'members'),
    condition: isObject(binding['condition']) ? binding['condition'] : undefined,
  }));
}

function isFor(binding: Binding, wanted: Pick<Binding, 'role' | 'condition'>): boolean {
  return (
    binding.role === wanted.role &&
    isDeepStrictEqual(conditionKey(binding.condition), conditionKey(wanted.condition))
  );
}

/** What tells conditions apart. */
export function conditionKey(condition: Properties | undefined): readonly string[] {
  if (condition === undefined) return [];
  return ['title', 'description', 'expression'].map((name) => textOf(condition, name));
}
