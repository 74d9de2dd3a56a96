import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../oci/protocol/unary.ts';
import { ACCOUNT_FIELDS, emailOf, stateOf } from './account-fields.ts';
import { diffFields } from './diff-fields.ts';
import { hasCode } from './google-error.ts';
import { parseId } from './import-id.ts';
import type { Kind, Work } from './kind.ts';
import { pick, textOf } from './property-text.ts';
import { resourceCalls } from './resource-calls.ts';

const TEMPLATE = 'projects/{project}/serviceAccounts/{email}';
const CALLS = resourceCalls<'enable' | 'disable'>({
  service: 'iam',
  noun: 'service account',
  permissions: 'iam.serviceAccounts',
  role: 'roles/iam.serviceAccountAdmin',
});

/** By the name that they have in an update mask. */
const TEXTS = { description: 'description', displayName: 'display_name' } as const;

/**
 * `gcp:serviceaccount/account:Account`. Unlike the official plug-in, which sleeps for ten seconds
 * after making one, this does not wait for it to be known everywhere.
 */
export const ACCOUNT: Kind = {
  token: 'gcp:serviceaccount/account:Account',
  fields: ACCOUNT_FIELDS,
  outputs: ['email', 'member', 'name', 'uniqueId'],
  idOf,
  fullId(id, settings) {
    const { project, email } = parseId(TEMPLATE, ['project', 'email'], id, settings);
    return `projects/${project}/serviceAccounts/${email}`;
  },
  planned(inputs): Properties {
    const email = emailOf(inputs);
    if (email === '') return {};
    return { email, member: `serviceAccount:${email}`, name: idOf(inputs) };
  },

  async create(inputs, work) {
    const account = await make(inputs, work);
    const id = idOf(inputs);
    if (inputs['disabled'] !== true) return stateOf(account);
    try {
      await setDisabled(id, true, work);
    } catch (cause) {
      throw new UnfinishedError(cause, { id, inputs, outputs: stateOf(account) });
    }
    return stateOf({ ...account, disabled: true });
  },

  async read(id, _was, work) {
    const account = await CALLS.find(id, work);
    return account && stateOf(account);
  },

  async update(id, { was, wanted }, work) {
    const account = await CALLS.get(id, work);
    const { changed } = diffFields(ACCOUNT_FIELDS, was, wanted);
    if (changed.includes('disabled')) await setDisabled(id, wanted['disabled'] === true, work);
    const mask = Object.entries(TEXTS).filter(([name]) => changed.includes(name));
    if (mask.length > 0) {
      const texts = pick(wanted, Object.keys(TEXTS));
      const serviceAccount = { ...texts, ...pick(account, ['etag']) };
      const updateMask = mask.map(([, path]) => path).join(',');
      const body = { serviceAccount, updateMask };
      await work.ask(CALLS.question(id, 'update', { method: 'PATCH', body }));
    }
    return stateOf(await CALLS.get(id, work));
  },

  delete: (id, _was, work) => CALLS.remove(id, work),
};

function idOf(inputs: Properties): string {
  return `projects/${textOf(inputs, 'project')}/serviceAccounts/${emailOf(inputs)}`;
}

async function make(inputs: Properties, work: Work): Promise<Properties> {
  const id = idOf(inputs);
  const serviceAccount = pick(inputs, Object.keys(TEXTS));
  const body = { accountId: textOf(inputs, 'accountId'), serviceAccount };
  try {
    const { answer } = await CALLS.make(id, { body }, work);
    return answer ?? (await CALLS.get(id, work));
  } catch (error) {
    // The program may take what is there.
    if (!hasCode(error, 409) || inputs['createIgnoreAlreadyExists'] !== true) throw error;
    return CALLS.get(id, work);
  }
}

async function setDisabled(id: string, disabled: boolean, { ask }: Work): Promise<void> {
  const verb = disabled ? 'disable' : 'enable';
  await ask(CALLS.question(id, verb, { method: 'POST', path: `${id}:${verb}`, body: {} }));
}
