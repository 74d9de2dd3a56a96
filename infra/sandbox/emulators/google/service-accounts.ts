import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, notFound } from './api-error.ts';
import { getPolicy, IamPolicy, POLICY_PARAMETERS, setPolicy } from './iam-policy.ts';
import { omit } from './omit.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { route, type Route } from './router.ts';
import {
  Account,
  AccountBody,
  checkTexts,
  createAccount,
  CreateRequest,
} from './service-account.ts';
import { openCollection, type Collection } from './store.ts';
import { applyMask } from './update-mask.ts';

const PatchRequest = z.strictObject({
  serviceAccount: AccountBody.optional(),
  updateMask: z.string().optional(),
});

const PARENT = 'v1/projects/{project}/serviceAccounts';
const ONE = `${PARENT}/{email}` as const;

/** IAM's service accounts, by address, and who may use them, which is kept in `folder`. */
export function serviceAccountRoutes(folder: string, accounts: Collection<Account>): Route[] {
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
