import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, PROJECT, type Fields } from './field.ts';
import { GoogleError } from './google-error.ts';
import { parseId } from './import-id.ts';
import { inventedName } from './invented-name.ts';
import type { Kind, Work } from './kind.ts';
import { pick, textOf, textsOf } from './property-text.ts';
import { resourceCalls } from './resource-calls.ts';
import { sameSet, sameValue } from './same-value.ts';

const TEMPLATE = 'projects/{project}/roles/{roleId}';
const ROLE_ID = /^[A-Za-z0-9_.]{3,64}$/;
const LONGEST_ID = 64;

const FIELDS: Fields = {
  project: PROJECT,
  roleId: {
    type: 'text',
    replaces: true,
    named: (name) => inventedName(name.replaceAll(/[^A-Za-z0-9_.]/g, ''), '_', LONGEST_ID),
    problem: (id) =>
      typeof id === 'string' && ROLE_ID.test(id)
        ? undefined
        : 'write 3 to 64 letters, digits, underscores and periods',
  },
  title: { type: 'text', required: true },
  description: { type: 'text' },
  permissions: {
    type: 'list',
    required: true,
    same: sameSet,
    problem: (list) => (sameValue(list, []) ? 'needs one permission at least' : undefined),
  },
  stage: {
    type: 'text',
    fallback: () => 'GA',
    oneOf: ['ALPHA', 'BETA', 'GA', 'DEPRECATED', 'DISABLED', 'EAP'],
    // Google leaves out the first stage.
    same: (was, wanted) => sameValue(was ?? 'ALPHA', wanted ?? 'ALPHA'),
  },
  deletionPolicy: DELETION_POLICY,
};

const CALLS = resourceCalls<'undelete'>({
  service: 'iam',
  noun: 'role',
  permissions: 'iam.roles',
  role: 'roles/iam.roleAdmin',
});

/**
 * `gcp:projects/iAMCustomRole:IAMCustomRole`. Google keeps a deleted role, and its id, for a while:
 * making it anew undeletes it. One that was deleted elsewhere is still there, with `deleted` true.
 */
export const CUSTOM_ROLE: Kind = {
  token: 'gcp:projects/iAMCustomRole:IAMCustomRole',
  fields: FIELDS,
  outputs: ['deleted', 'name'],
  idOf,
  fullId: (id, settings) => idOf(parseId(TEMPLATE, ['project', 'roleId'], id, settings)),
  planned: (inputs, was) => ({
    ...(textOf(inputs, 'roleId') !== '' && { name: idOf(inputs) }),
    ...(was === undefined && { deleted: false }),
  }),

  async create(inputs, work) {
    const id = idOf(inputs);
    const found = await CALLS.find(id, work);
    if (found === undefined) {
      const body = { roleId: textOf(inputs, 'roleId'), role: bodyOf(inputs) };
      const { answer } = await CALLS.make(id, { body }, work);
      return stateOf(id, answer ?? (await CALLS.get(id, work)));
    }
    if (found['deleted'] === true) return change(id, inputs, work);
    const problem = `could not create the role ${id}: it exists already`;
    throw new GoogleError(problem, '', { code: 409, tries: 1 });
  },

  async read(id, _was, work) {
    const role = await CALLS.find(id, work);
    return role && stateOf(id, role);
  },

  update: (id, { wanted }, work) => change(id, wanted, work),

  delete: (id, _was, work) => CALLS.remove(id, work),
};

function idOf(inputs: Properties): string {
  return `projects/${textOf(inputs, 'project')}/roles/${textOf(inputs, 'roleId')}`;
}

async function change(id: string, inputs: Properties, work: Work): Promise<Properties> {
  const role = await CALLS.get(id, work);
  if (role['deleted'] === true) {
    const path = `${id}:undelete`;
    await work.ask(CALLS.question(id, 'undelete', { method: 'POST', path, body: {} }));
  }
  const body = bodyOf(inputs);
  const changed = await work.ask(CALLS.question(id, 'update', { method: 'PATCH', body }));
  return stateOf(id, changed);
}

function bodyOf(inputs: Properties): Properties {
  return {
    ...pick(inputs, ['title', 'stage']),
    // Sent empty too: that is how an update takes it away.
    description: textOf(inputs, 'description'),
    includedPermissions: textsOf(inputs, 'permissions'),
  };
}

function stateOf(id: string, role: Properties): Properties {
  const [, project = '', , roleId = ''] = id.split('/');
  return {
    ...pick(role, ['title', 'description', 'stage']),
    permissions: textsOf(role, 'includedPermissions'),
    deleted: role['deleted'] === true,
    name: id,
    project,
    roleId,
  };
}
