import type { Properties } from '../../plugin/resource-type.ts';
import { DELETION_POLICY, PROJECT, type Fields } from './field.ts';
import { GoogleError, hasCode } from './google-error.ts';
import { parseId } from './import-id.ts';
import { inventedName } from './invented-name.ts';
import type { Kind, Work } from './kind.ts';
import { pick, textOf, textsOf } from './property-text.ts';
import type { Question } from './question.ts';
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
    const found = await find(id, work);
    if (found === undefined) return stateOf(id, await make(id, inputs, work));
    if (found['deleted'] === true) return change(id, inputs, work);
    const problem = `could not create the role ${id}: it exists already`;
    throw new GoogleError(problem, '', { code: 409, tries: 1 });
  },

  async read(id, _was, work) {
    const role = await find(id, work);
    return role === undefined ? undefined : stateOf(id, role);
  },

  update: (id, { wanted }, work) => change(id, wanted, work),

  async delete(id, _was, { ask }) {
    try {
      await ask(questionOf(id, 'delete', { method: 'DELETE' }));
    } catch (error) {
      if (!hasCode(error, 404)) throw error;
    }
  },
};

function idOf(inputs: Properties): string {
  return `projects/${textOf(inputs, 'project')}/roles/${textOf(inputs, 'roleId')}`;
}

async function find(id: string, { ask }: Work): Promise<Properties | undefined> {
  try {
    return await ask(questionOf(id, 'get', { method: 'GET' }));
  } catch (error) {
    if (hasCode(error, 404)) return undefined;
    throw error;
  }
}

async function make(id: string, inputs: Properties, work: Work): Promise<Properties> {
  const body = { roleId: textOf(inputs, 'roleId'), role: bodyOf(inputs) };
  const path = id.slice(0, id.lastIndexOf('/'));
  try {
    return await work.ask(questionOf(id, 'create', { method: 'POST', path, body }));
  } catch (error) {
    // An earlier try that seemed to fail had made it.
    if (!hasCode(error, 409) || error.tries === 1) throw error;
    return work.ask(questionOf(id, 'get', { method: 'GET' }));
  }
}

async function change(id: string, inputs: Properties, work: Work): Promise<Properties> {
  const role = await work.ask(questionOf(id, 'get', { method: 'GET' }));
  if (role['deleted'] === true) {
    const path = `${id}:undelete`;
    await work.ask(questionOf(id, 'undelete', { method: 'POST', path, body: {} }));
  }
  const body = bodyOf(inputs);
  const changed = await work.ask(questionOf(id, 'update', { method: 'PATCH', body }));
  return stateOf(id, changed);
}

function questionOf(
  id: string,
  verb: 'create' | 'get' | 'update' | 'delete' | 'undelete',
  call: Pick<Question, 'method'> & Partial<Question>,
): Question {
  return {
    service: 'iam',
    path: id,
    asked: `${verb === 'get' ? 'read' : verb} the role ${id}`,
    permission: `iam.roles.${verb} (roles/iam.roleAdmin has it)`,
    ...call,
  };
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
