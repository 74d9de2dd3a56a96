import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { textUpTo } from './message-json.ts';
import { projectNumber } from './projects.ts';
import { openResources, type EmulatedKind, type Resources, type World } from './resources.ts';
import { route, type Route } from './router.ts';

const ACCOUNT_FIELDS = { displayName: textUpTo(100), description: textUpTo(256) };

/** google.iam.admin.v1.ServiceAccount. */
const Account = z
  .strictObject({
    ...ACCOUNT_FIELDS,
    name: z.string(),
    projectId: z.string(),
    uniqueId: z.string(),
    email: z.string(),
    etag: z.string(),
    oauth2ClientId: z.string(),
    disabled: z.boolean(),
  })
  .partial();
type Account = z.infer<typeof Account>;

/** IAM's service accounts, by address, and who may use them. */
export function openAccounts(world: World): Resources<Account> {
  const path = 'projects/{project}/serviceAccounts/{serviceAccount}';
  const accounts = openResources<Account>(
    {
      path,
      file: 'service-accounts',
      message: Account,
      listField: 'accounts',
      mutable: Object.keys(ACCOUNT_FIELDS),
      initial(_, name) {
        const [, projectId = '', , email = ''] = name.split('/');
        const id = createHash('sha256').update(email).digest().readBigUInt64BE(0);
        const uniqueId = `1${String(id).padStart(20, '0')}`;
        return { projectId, uniqueId, email, oauth2ClientId: uniqueId };
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
      key: (name) => name.replace(/^(projects\/)-(\/.*@([^.]+)\.)/, '$1$3$2'),
      idInBody: 'accountId',
      maskInBody: true,
      hasEtag: true,
      policyFile: 'service-account-iam',
    },
    world,
  );
  const setDisabled = (verb: string, disabled: true | undefined): Route =>
    route('POST', `v1/${path}:${verb}`, ({ name }) => {
      accounts.update(name, { disabled });
      return {};
    });
  const verbs = [setDisabled('disable', true), setDisabled('enable', undefined)];
  return { ...accounts, routes: [...verbs, ...accounts.routes] };
}

const TOKEN_PREFIX = 'emulated-access-token-of-';

/** An access token that names a service account. Nothing but the emulator accepts it. */
export function accessTokenOf(email: string): string {
  return `${TOKEN_PREFIX}${email}`;
}

/** The service account that a token is of; `undefined` for a token from elsewhere. */
export function emailOf(token: string): string | undefined {
  return token.startsWith(TOKEN_PREFIX) ? token.slice(TOKEN_PREFIX.length) : undefined;
}

const PERMISSION = /^[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+){2,}$/;

const ROLE_FIELDS = {
  title: textUpTo(100),
  description: textUpTo(300),
  includedPermissions: z.array(z.string().regex(PERMISSION, 'service.resource.verb')),
  stage: z.enum(['ALPHA', 'BETA', 'GA', 'DEPRECATED', 'DISABLED', 'EAP']),
};

/** google.iam.admin.v1.Role. */
const Role = z
  .strictObject({ ...ROLE_FIELDS, name: z.string(), etag: z.string(), deleted: z.boolean() })
  .partial();
type Role = z.infer<typeof Role>;

/** The projects' custom roles. A deleted one can still be read, and be undeleted. */
export function openRoles(world: World): Resources<Role> {
  return openResources<Role>(
    {
      path: 'projects/{project}/roles/{role}',
      file: 'roles',
      message: Role,
      mutable: Object.keys(ROLE_FIELDS),
      initial: ({ stage = 'ALPHA' }) => ({ stage }),
      id: {
        pattern: /^[A-Za-z0-9_.]{3,64}$/,
        rule: '3 to 64 letters, digits, underscores and periods',
      },
      idInBody: 'roleId',
      hasEtag: true,
      deletion: (deleted) => ({ deleted }),
    },
    world,
  );
}

const POOL = 'projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPool}';

const POOL_FIELDS = {
  displayName: textUpTo(32),
  description: textUpTo(256),
  disabled: z.boolean(),
};
const STATE = { name: z.string(), state: z.enum(['ACTIVE', 'DELETED']) };

/** google.iam.v1.WorkloadIdentityPool. */
const Pool = z.strictObject({ ...POOL_FIELDS, ...STATE }).partial();

const PROVIDER_FIELDS = {
  ...POOL_FIELDS,
  attributeMapping: z.record(z.string(), z.string()),
  attributeCondition: textUpTo(4096),
  oidc: z.strictObject({
    issuerUri: z.url({ protocol: /^https$/, error: 'an https URL' }).optional(),
    allowedAudiences: z.array(z.string()).optional(),
    jwksJson: z.string().optional(),
  }),
};

/** google.iam.v1.WorkloadIdentityPoolProvider, as far as it is for OpenID Connect. */
const Provider = z.strictObject({ ...PROVIDER_FIELDS, ...STATE }).partial();

/** What pools and providers have in common. Their names have the project's number. */
const SHARED = {
  id: {
    pattern: /^(?!gcp-)[a-z0-9-]{4,32}$/,
    rule: '4 to 32 lower-case letters, digits and hyphens, not starting with gcp-',
  },
  key: (name: string) =>
    name.replace(/^projects\/([^/]+)/, (_, id: string) => `projects/${projectNumber(id)}`),
  deletion: (deleted: boolean) => ({ state: deleted ? ('DELETED' as const) : ('ACTIVE' as const) }),
};

function operations(type: string): EmulatedKind<object>['operations'] {
  const verbs = ['create', 'patch', 'delete', 'undelete'] as const;
  return { verbs, type: `google.iam.v1.${type}`, parentOf: (name) => name };
}

/** IAM's workload identity pools and their providers. */
export function workloadIdentityRoutes(world: World): Route[] {
  const pools = openResources<z.infer<typeof Pool>>(
    {
      ...SHARED,
      path: POOL,
      file: 'workload-identity-pools',
      message: Pool,
      mutable: Object.keys(POOL_FIELDS),
      operations: operations('WorkloadIdentityPool'),
    },
    world,
  );
  const providers = openResources<z.infer<typeof Provider>>(
    {
      ...SHARED,
      path: `${POOL}/providers/{workloadIdentityPoolProvider}`,
      file: 'workload-identity-providers',
      message: Provider,
      listField: 'workloadIdentityPoolProviders',
      mutable: Object.keys(PROVIDER_FIELDS),
      check({ oidc, attributeMapping = {} }) {
        if (oidc?.issuerUri === undefined)
          throw invalidArgument('The oidc.issuer_uri must be set.');
        if (attributeMapping['google.subject'] === undefined) {
          throw invalidArgument('The attribute_mapping must map google.subject.');
        }
      },
      checkNew: (name) => pools.find(name.split('/').slice(0, 6).join('/')),
      operations: operations('WorkloadIdentityPoolProvider'),
    },
    world,
  );
  // The official plug-in reads them; there are none.
  const rules = route('GET', `v1/${POOL}:listAttestationRules`, ({ name }) => {
    pools.find(name);
    return {};
  });
  return [rules, ...pools.routes, ...providers.routes];
}
