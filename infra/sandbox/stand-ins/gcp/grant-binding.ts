import {
  isList,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { changePolicy, readPolicy } from './change-policy.ts';
import {
  bindingByTitle,
  conditionProblems,
  GRANT_FIELDS,
  grantId,
  parseGrantId,
  roleOf,
} from './grant.ts';
import { plannedPlace } from './grant-member.ts';
import type { Kind, Work } from './kind.ts';
import { findBinding, memberProblem, normalMember, withBinding, type Binding } from './policy.ts';
import type { PolicyPlaces } from './policy-place.ts';
import { textOf, textsOf } from './property-text.ts';
import { sameSet } from './same-value.ts';
import { unlessGone } from './unless-gone.ts';

/** All members who have a role on a resource, and nobody else: the official `...IAMBinding` types. */
export function grantBinding(token: string, places: PolicyPlaces): Kind {
  const write = async (inputs: Properties, work: Work) => {
    const place = places.placeOf(inputs, work.settings);
    const binding = bindingOf(inputs);
    const policy = await changePolicy(place, (before) => withBinding(before, binding), work);
    return { ...place.inputs, ...stateOf(findBinding(policy, binding) ?? binding, policy) };
  };
  return {
    token,
    fields: {
      ...places.fields,
      ...GRANT_FIELDS,
      members: {
        type: 'list',
        required: true,
        problem: membersProblem,
        same: (was, wanted) => sameSet(normalOf(was), normalOf(wanted)),
      },
    },
    outputs: ['etag'],
    idOf: (inputs, settings) => grantId(places.placeOf(inputs, settings).resource, roleOf(inputs)),
    fullId: (id) => id,
    problems: conditionProblems,
    planned: (inputs, _was, settings) => plannedPlace(places, inputs, settings),
    create: write,
    update: (_id, { wanted }, work) => write(wanted, work),

    async read(id, was, work) {
      const asked = Object.keys(was).length === 0 ? parseGrantId(id, 2) : undefined;
      const inputs = asked === undefined ? was : places.inputsOf(asked.resource);
      const place = places.placeOf(inputs, work.settings);
      const policy = await unlessGone(readPolicy(place, work));
      if (policy === undefined) return undefined;
      const wanted = asked && bindingByTitle(policy, asked.role, asked.title);
      const role = asked === undefined ? roleOf(was) : { condition: undefined, ...asked };
      const present = wanted ?? findBinding(policy, role);
      // Nobody has it: that is a binding too, one without members.
      const binding = present ?? { ...role, members: [] };
      return { ...place.inputs, ...stateOf(binding, policy) };
    },

    async delete(_id, was, work) {
      const place = places.placeOf(was, work.settings);
      const nobody = { ...roleOf(was), members: [] };
      await unlessGone(changePolicy(place, (before) => withBinding(before, nobody), work));
    },
  };
}

function bindingOf(inputs: Properties): Binding {
  return { ...roleOf(inputs), members: textsOf(inputs, 'members') };
}

function stateOf({ role, members, condition }: Binding, policy: Properties): Properties {
  return {
    role,
    members,
    ...(condition !== undefined && { condition }),
    etag: textOf(policy, 'etag'),
  };
}

function membersProblem(members: PropertyValue): string | undefined {
  const known = (isList(members) ? members : []).filter((member) => typeof member !== 'symbol');
  return known.map(memberProblem).find((problem) => problem !== undefined);
}

function normalOf(value: PropertyValue | undefined): PropertyValue | undefined {
  if (!isList(value)) return value;
  return value.map((member) => (typeof member === 'string' ? normalMember(member) : member));
}
