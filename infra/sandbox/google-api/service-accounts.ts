import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import { getPolicy, IamPolicy, POLICY_PARAMETERS, setPolicy } from './iam-policy.ts';
import { omit } from './omit.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject } from './projects.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { applyMask } from './update-mask.ts';

const AccountBody = z.strictObject({
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
const Account = AccountBody.extend({ name: z.string(), email: z.string() });
type Account = z.infer<typeof Account>;

const CreateRequest = z.strictObject({
  accountId: z.string().optional(),
  serviceAccount: AccountBody.optional(),
});
const PatchRequest = z.strictObject({
  serviceAccount: AccountBody.optional(),
  updateMask: z.string().optional(),
});

const PARENT = 'v1/projects/{project}/serviceAccounts';
const ONE = `${PARENT}/{email}` as const;
const ACCOUNT_ID = /^[a-z](?:[a-z0-9-]{4,28}[a-z0-9])$/;
const LONGEST_NAME = 100;
const LONGEST_DESCRIPTION_BYTES = 256;

/** IAM's service accounts and who may use them, kept in `folder`. */
export function serviceAccountRoutes(folder: string): Route[] {
  const accounts = openCollection(folder, 'service-accounts', Account);
  const policies = openCollection(folder, 'service-account-iam', IamPolicy);
  const find = (email: string): Account => {
    const account = accounts.get(email);
    if (account === undefined) throw notFound('Unknown service account');
    return account;
  };
  const store = (account: Account) => {
    const etag = createHash('sha256').update(JSON.stringify({ ...account, etag: '' }));
    const next = { ...account, etag: etag.digest('base64').slice(0, 12) };
    accounts.set(account.email, next);
    return next;
  };
  const setDisabled = (email: string, disabled: boolean) => {
    const account = omit(find(email), 'disabled');
    store({ ...account, ...(disabled && { disabled }) });
    return {};
  };
  return [
    route('POST', `${ONE}:enable`, ({ params }) => setDisabled(params.email, false)),
    route('POST', `${ONE}:disable`, ({ params }) => setDisabled(params.email, true)),
    route(
      'POST',
      `${ONE}:getIamPolicy`,
      ({ params, body }) => getPolicy(policies, find(params.email).email, body),
      POLICY_PARAMETERS,
    ),
    route('POST', `${ONE}:setIamPolicy`, ({ params, body }) =>
      setPolicy(policies, find(params.email).email, body),
    ),
    route('POST', PARENT, ({ params: { project }, body }) => {
      const account = createAccount(project, parseBody(CreateRequest, body));
      if (accounts.get(account.email) === undefined) return store(account);
      const [id = ''] = account.email.split('@');
      throw new ApiError(
        'ALREADY_EXISTS',
        `Service account ${id} already exists within project projects/${project}.`,
      );
    }),
    route(
      'GET',
      PARENT,
      ({ params: { project }, query }) => {
        const all = accounts.entries().map(([, account]) => account);
        const own = all.filter(({ projectId }) => projectId === project);
        const { items, nextPageToken } = page(own, query, 20);
        return { accounts: items, ...(nextPageToken !== undefined && { nextPageToken }) };
      },
      PAGE_PARAMETERS,
    ),
    route('GET', ONE, ({ params }) => find(params.email)),
    route('PATCH', ONE, ({ params, body }) => {
      const { serviceAccount = {}, updateMask } = parseBody(PatchRequest, body);
      const changed = applyMask(find(params.email), serviceAccount, updateMask, [
        'displayName',
        'description',
      ]);
      checkTexts(changed);
      return store(changed);
    }),
    route('DELETE', ONE, ({ params }) => {
      const { email } = find(params.email);
      accounts.delete(email);
      policies.delete(email);
      return {};
    }),
  ];
}

function createAccount(project: string, request: z.infer<typeof CreateRequest>): Account {
  checkProject(project);
  const { accountId = '', serviceAccount: { displayName, description } = {} } = request;
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

function checkTexts({ displayName = '', description = '' }: Partial<Account>): void {
  if (displayName.length > LONGEST_NAME) {
    throw invalidArgument(`The display name has more than ${LONGEST_NAME} characters.`);
  }
  if (Buffer.byteLength(description) > LONGEST_DESCRIPTION_BYTES) {
    throw invalidArgument(`The description has more than ${LONGEST_DESCRIPTION_BYTES} bytes.`);
  }
}
