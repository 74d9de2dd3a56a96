import { createHash } from 'node:crypto';
import { z } from 'zod';
import { textUpTo } from './field-types.ts';
import { openResources, type Resources, type World } from './resources.ts';
import { route, type Route } from './router.ts';

/** google.iam.admin.v1.ServiceAccount. */
const Account = z
  .strictObject({
    name: z.string(),
    projectId: z.string(),
    uniqueId: z.string(),
    email: z.string(),
    displayName: textUpTo(100),
    description: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= 256, 'at most 256 bytes of UTF-8'),
    etag: z.string(),
    oauth2ClientId: z.string(),
    disabled: z.boolean(),
  })
  .partial();
export type Account = z.infer<typeof Account>;

const ONE = 'v1/projects/{project}/serviceAccounts/{account}';

/** IAM's service accounts, by address, and who may use them. */
export function openAccounts(world: World): Resources<Account> {
  const accounts = openResources<Account>(
    {
      collection: 'projects/{project}/serviceAccounts',
      parameter: 'account',
      file: 'service-accounts',
      message: Account,
      field: 'serviceAccount',
      listField: 'accounts',
      pageSize: 20,
      mutable: ['displayName', 'description'],
      initial(_, name) {
        const [, projectId = '', , email = ''] = name.split('/');
        const id = createHash('sha256').update(email).digest().readBigUInt64BE(0);
        const uniqueId = `1${String(id).padStart(20, '0')}`;
        return { name, projectId, uniqueId, email, oauth2ClientId: uniqueId };
      },
      id: {
        pattern: /^[a-z](?:[a-z0-9-]{4,28}[a-z0-9])$/,
        rule: '6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen at the end',
      },
      nameOf(collection, id) {
        const [, project = ''] = collection.split('/');
        return `${collection}/${id}@${project}.iam.gserviceaccount.com`;
      },
      // The project of a name may be "-": the address says which it is.
      key: (name) => name.split('/').at(-1) ?? '',
      belongsTo: ({ projectId }, collection) => projectId === collection.split('/')[1],
      createRequest: z
        .strictObject({ accountId: z.string().optional(), serviceAccount: Account.optional() })
        .transform(({ accountId: id, serviceAccount: message = {} }) => ({ id, message })),
      patchRequest: z
        .strictObject({ serviceAccount: Account.optional(), updateMask: z.string().optional() })
        .transform(({ serviceAccount: message = {}, updateMask }) => ({ message, updateMask })),
      hasEtag: true,
      policies: { file: 'service-account-iam', method: 'POST' },
    },
    world,
  );
  const setDisabled = (verb: string, disabled: true | undefined): Route =>
    route('POST', `${ONE}:${verb}`, ({ name }) => {
      accounts.update(name, { disabled });
      return {};
    });
  const verbs = [setDisabled('disable', true), setDisabled('enable', undefined)];
  return { ...accounts, routes: [...verbs, ...accounts.routes] };
}
