import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { checkProject } from './projects.ts';

/** google.iam.admin.v1.ServiceAccount, as a request holds it. */
export const AccountBody = z.strictObject({
  name: z.string().optional(),
  projectId: z.string().optional(),
  uniqueId: z.string().optional(),
  email: z.string().optional(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  etag: z.string().optional(),
  oauth2ClientId: z.string().optional(),
  disabled: z.boolean().optional(),
});

/** An account as it is stored; its address is the key. */
export const Account = AccountBody.extend({ name: z.string(), email: z.string() });
export type Account = z.infer<typeof Account>;

/** google.iam.admin.v1.CreateServiceAccountRequest. */
export const CreateRequest = z.strictObject({
  accountId: z.string().optional(),
  serviceAccount: AccountBody.optional(),
});
type CreateRequest = z.infer<typeof CreateRequest>;

const ACCOUNT_ID = /^[a-z](?:[a-z0-9-]{4,28}[a-z0-9])$/;
const LONGEST_NAME = 100;
const LONGEST_DESCRIPTION_BYTES = 256;

/** A new account; INVALID_ARGUMENT for what IAM would not take. */
export function createAccount(
  project: string,
  { accountId = '', serviceAccount: { displayName, description } = {} }: CreateRequest,
): Account {
  checkProject(project);
  if (!ACCOUNT_ID.test(accountId)) {
    throw invalidArgument(
      `Invalid account id "${accountId}": 6 to 30 lower-case letters, digits and hyphens, ` +
        'a letter first and no hyphen at the end.',
    );
  }
  const texts = {
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
  };
  checkTexts(texts);
  const email = `${accountId}@${project}.iam.gserviceaccount.com`;
  const id = createHash('sha256').update(email).digest().readBigUInt64BE(0);
  const uniqueId = `1${String(id).padStart(20, '0')}`;
  return {
    name: `projects/${project}/serviceAccounts/${email}`,
    projectId: project,
    uniqueId,
    email,
    ...texts,
    oauth2ClientId: uniqueId,
  };
}

/** Refuses texts that are too long. */
export function checkTexts({ displayName = '', description = '' }: Partial<Account>): void {
  if (displayName.length > LONGEST_NAME) {
    throw invalidArgument(`The display name has more than ${LONGEST_NAME} characters.`);
  }
  if (Buffer.byteLength(description) > LONGEST_DESCRIPTION_BYTES) {
    throw invalidArgument(`The description has more than ${LONGEST_DESCRIPTION_BYTES} bytes.`);
  }
}
