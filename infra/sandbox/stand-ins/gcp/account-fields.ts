import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, PROJECT, type Fields } from './field.ts';
import { inventedName } from './invented-name.ts';
import { pick, textOf } from './property-text.ts';

const ACCOUNT_ID = /^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/;
const LONGEST_ID = 30;

/** The inputs of a service account. */
export const ACCOUNT_FIELDS: Fields = {
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

/**
 * The address that Google will give. In a project of a domain (`example.com:p`) it has the domain
 * last. Empty where the inputs are not known yet.
 */
export function emailOf(inputs: Properties): string {
  const [project, accountId] = [textOf(inputs, 'project'), textOf(inputs, 'accountId')];
  if (project === '' || accountId === '') return '';
  const [name = '', domain] = project.split(':').reverse();
  const host = domain === undefined ? name : `${name}.${domain}`;
  return `${accountId}@${host}.iam.gserviceaccount.com`;
}

/** The outputs from a service account as Google has it. */
export function stateOf(account: Properties): Properties {
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
