import { UnfinishedError } from '../../plugin/unfinished-error.ts';
import type { Properties } from '../../plugin/resource-type.ts';
import { diffFields } from './diff-fields.ts';
import { DELETION_POLICY, PROJECT, type Fields } from './field.ts';
import { hasCode } from './google-error.ts';
import { parseId } from './import-id.ts';
import { inventedName } from './invented-name.ts';
import type { Kind, Work } from './kind.ts';
import { pick, textOf } from './property-text.ts';
import type { Question } from './question.ts';

const TEMPLATE = 'projects/{project}/serviceAccounts/{email}';
const ACCOUNT_ID = /^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/;
const LONGEST_ID = 30;

const FIELDS: Fields = {
  project: PROJECT,
  accountId: {
    type: 'text',
    replaces: true,
    named: (name) => inventedName(name.toLowerCase(), '-', LONGEST_ID),
    problem: (id) =>
      typeof id === 'string' && ACCOUNT_ID.test(id)
        ? undefined
        : 'write 6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last',
  },
  displayName: { type: 'text' },
  description: { type: 'text' },
  disabled: { type: 'flag', fallback: () => false },
  createIgnoreAlreadyExists: { type: 'flag', local: true },
  deletionPolicy: DELETION_POLICY,
};

/** By the name that they have in an update mask. */
const TEXTS = { description: 'description', displayName: 'display_name' } as const;

/**
 * `gcp:serviceaccount/account:Account`. Unlike the official plug-in, which sleeps for ten seconds
 * after making one, this does not wait for it to be known everywhere.
 */
export const ACCOUNT: Kind = {
  token: 'gcp:serviceaccount/account:Account',
  fields: FIELDS,
  outputs: ['email', 'member', 'name', 'uniqueId'],
  idOf,
  fullId(id, settings) {
    const { project, email } = parseId(TEMPLATE, ['project', 'email'], id, settings);
    return `projects/${project}/serviceAccounts/${email}`;
  },
  planned(inputs) {
    const email = emailOf(inputs);
    if (email === '') return {};
    return { email, member: `serviceAccount:${email}`, name: idOf(inputs) };
  },

  async create(inputs, work) {
    const account = await make(inputs, work);
    const id = idOf(inputs);
    if (inputs['disabled'] !== true) return stateOf(account);
    try {
      await work.ask(
        questionOf(id, 'disable', { method: 'POST', path: `${id}:disable`, body: {} }),
      );
    } catch (cause) {
      throw new UnfinishedError(cause, { id, inputs, outputs: stateOf(account) });
    }
    return stateOf({ ...account, disabled: true });
  },

  async read(id, _was, { ask }) {
    try {
      return stateOf(await ask(questionOf(id, 'get', { method: 'GET' })));
    } catch (error) {
      if (hasCode(error, 404)) return undefined;
      throw error;
    }
  },

  async update(id, { was, wanted }, { ask }) {
    const account = await ask(questionOf(id, 'get', { method: 'GET' }));
    const { changed } = diffFields(FIELDS, was, wanted);
    if (changed.includes('disabled')) {
      const verb = wanted['disabled'] === true ? 'disable' : 'enable';
      await ask(questionOf(id, verb, { method: 'POST', path: `${id}:${verb}`, body: {} }));
    }
    const mask = Object.entries(TEXTS).filter(([name]) => changed.includes(name));
    if (mask.length > 0) {
      const texts = pick(wanted, Object.keys(TEXTS));
      const serviceAccount = { ...texts, ...pick(account, ['etag']) };
      const updateMask = mask.map(([, path]) => path).join(',');
      const body = { serviceAccount, updateMask };
      await ask(questionOf(id, 'update', { method: 'PATCH', body }));
    }
    return stateOf(await ask(questionOf(id, 'get', { method: 'GET' })));
  },

  async delete(id, _was, { ask }) {
    try {
      await ask(questionOf(id, 'delete', { method: 'DELETE' }));
    } catch (error) {
      if (!hasCode(error, 404)) throw error;
    }
  },
};

function idOf(inputs: Properties): string {
  return `projects/${textOf(inputs, 'project')}/serviceAccounts/${emailOf(inputs)}`;
}

async function make(inputs: Properties, { ask }: Work): Promise<Properties> {
  const id = idOf(inputs);
  const serviceAccount = pick(inputs, Object.keys(TEXTS));
  const body = { accountId: textOf(inputs, 'accountId'), serviceAccount };
  const path = id.slice(0, id.lastIndexOf('/'));
  try {
    return await ask(questionOf(id, 'create', { method: 'POST', path, body }));
  } catch (error) {
    // An earlier try that seemed to fail had made it; or the program takes what is there.
    const isWanted = inputs['createIgnoreAlreadyExists'] === true;
    if (!hasCode(error, 409) || (error.tries === 1 && !isWanted)) throw error;
    return ask(questionOf(id, 'get', { method: 'GET' }));
  }
}

function questionOf(
  id: string,
  verb: 'create' | 'get' | 'update' | 'delete' | 'enable' | 'disable',
  call: Pick<Question, 'method'> & Partial<Question>,
): Question {
  return {
    service: 'iam',
    path: id,
    asked: `${verb === 'get' ? 'read' : verb} the service account ${id}`,
    permission: `iam.serviceAccounts.${verb} (roles/iam.serviceAccountAdmin has it)`,
    ...call,
  };
}

/** Empty where it can't be told before Google says: in projects of a domain (`example.com:p`) it differs. */
function emailOf(inputs: Properties): string {
  const [project, accountId] = [textOf(inputs, 'project'), textOf(inputs, 'accountId')];
  if (project === '' || accountId === '') return '';
  const [name = '', domain] = project.split(':').reverse();
  const host = domain === undefined ? name : `${name}.${domain}`;
  return `${accountId}@${host}.iam.gserviceaccount.com`;
}

function stateOf(account: Properties): Properties {
  const email = textOf(account, 'email');
  return {
    ...pick(account, ['displayName', 'description', 'name', 'uniqueId']),
    disabled: account['disabled'] === true,
    accountId: email.split('@')[0] ?? '',
    project: textOf(account, 'projectId'),
    email,
    member: `serviceAccount:${email}`,
  };
}
