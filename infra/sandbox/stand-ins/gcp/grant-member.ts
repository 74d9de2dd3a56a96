import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { changePolicy, readPolicy } from './change-policy.ts';
import {
  bindingByTitle,
  conditionProblems,
  GRANT_FIELDS,
  grantId,
  parseGrantId,
  roleOf,
} from './grant.ts';
import type { Kind } from './kind.ts';
import {
  findBinding,
  memberProblem,
  normalMember,
  withMembers,
  withoutMembers,
  type Binding,
} from './policy.ts';
import type { PolicyPlaces } from './policy-place.ts';
import { textOf } from './property-text.ts';
import { sameValue } from './same-value.ts';
import { unlessGone } from './unless-gone.ts';

/** One member who has a role on a resource, beside whoever else has it: the official `...IAMMember` types. */
export function grantMember(token: string, places: PolicyPlaces): Kind {
  return {
    token,
    fields: {
      ...places.fields,
      ...GRANT_FIELDS,
      member: {
        type: 'text',
        required: true,
        replaces: true,
        problem: memberProblem,
        same: (was, wanted) => sameValue(normalOf(was), normalOf(wanted)),
      },
    },
    outputs: ['etag'],
    idOf(inputs, settings) {
      const member = normalMember(textOf(inputs, 'member'));
      return grantId(places.placeOf(inputs, settings).resource, roleOf(inputs), member);
    },
    fullId: (id) => id,
    problems: conditionProblems,
    planned: (inputs, _was, settings) => plannedPlace(places, inputs, settings),

    async create(inputs, work) {
      const place = places.placeOf(inputs, work.settings);
      const grant = grantOf(inputs);
      const policy = await changePolicy(place, (before) => withMembers(before, grant), work);
      return { ...place.inputs, ...stateOf(grant, policy) };
    },

    async read(id, was, work) {
      const asked = Object.keys(was).length === 0 ? parseGrantId(id, 3) : undefined;
      const inputs = asked === undefined ? was : places.inputsOf(asked.resource);
      const place = places.placeOf(inputs, work.settings);
      const policy = await unlessGone(readPolicy(place, work));
      if (policy === undefined) return undefined;
      const { role, title } = asked ?? { role: '', title: '' };
      const wanted = asked === undefined ? grantOf(was) : bindingByTitle(policy, role, title);
      const present = wanted === undefined ? undefined : findBinding(policy, wanted);
      const whom = normalMember(asked?.member ?? textOf(was, 'member'));
      const member = present?.members.find((one) => normalMember(one) === whom);
      if (present === undefined || member === undefined) return undefined;
      return { ...place.inputs, ...stateOf({ ...present, members: [member] }, policy) };
    },

    async delete(_id, was, work) {
      const place = places.placeOf(was, work.settings);
      await unlessGone(changePolicy(place, (before) => withoutMembers(before, grantOf(was)), work));
    },
  };
}

/** What the resource is called in the outputs, as soon as the program knows its name. */
export function plannedPlace(
  places: PolicyPlaces,
  inputs: Properties,
  settings: Parameters<PolicyPlaces['placeOf']>[1],
): Properties {
  const names = Object.entries(places.fields).filter(([, { required }]) => required === true);
  const isNamed = names.every(([name]) => textOf(inputs, name) !== '');
  return isNamed ? places.placeOf(inputs, settings).inputs : {};
}

function grantOf(inputs: Properties): Binding {
  return { ...roleOf(inputs), members: [textOf(inputs, 'member')] };
}

function stateOf({ role, members, condition }: Binding, policy: Properties): Properties {
  return {
    role,
    member: members[0] ?? '',
    ...(condition !== undefined && { condition }),
    etag: textOf(policy, 'etag'),
  };
}

function normalOf(value: Properties[string] | undefined): Properties[string] | undefined {
  return typeof value === 'string' ? normalMember(value) : value;
}
