import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { textUpTo } from './field-types.ts';
import { projectNumber } from './projects.ts';
import { openResources, type Kind, type World } from './resources.ts';
import { route, type Route } from './router.ts';

const COLLECTION = 'projects/{project}/locations/global/workloadIdentityPools';

const COMMON = {
  name: z.string(),
  displayName: textUpTo(32),
  description: textUpTo(256),
  disabled: z.boolean(),
  state: z.enum(['ACTIVE', 'DELETED']),
};

/** google.iam.v1.WorkloadIdentityPool. */
const Pool = z.strictObject(COMMON).partial();

/** google.iam.v1.WorkloadIdentityPoolProvider, as far as it is for OpenID Connect. */
const Provider = z
  .strictObject({
    ...COMMON,
    attributeMapping: z.record(z.string(), z.string()),
    attributeCondition: textUpTo(4096),
    oidc: z.strictObject({
      issuerUri: z.url({ protocol: /^https$/, error: 'an https URL' }).optional(),
      allowedAudiences: z.array(z.string()).optional(),
      jwksJson: z.string().optional(),
    }),
  })
  .partial();
type Provider = z.infer<typeof Provider>;

/** What pools and providers have in common. Their names have the project's number. */
const SHARED = {
  initial: () => ({ state: 'ACTIVE' as const }),
  id: {
    pattern: /^(?!gcp-)[a-z0-9-]{4,32}$/,
    rule: '4 to 32 lower-case letters, digits and hyphens, not starting with gcp-',
  },
  key: (name: string) =>
    name.replace(/^projects\/([^/]+)/, (_, id: string) => `projects/${projectNumber(id)}`),
  softDelete: { deleted: { state: 'DELETED' as const }, undeleted: { state: 'ACTIVE' as const } },
};

function operations(type: string): Kind<object>['operations'] {
  const verbs = ['create', 'patch', 'delete', 'undelete'] as const;
  return { verbs, type: `google.iam.v1.${type}`, parentOf: (name) => name };
}

/** IAM's workload identity pools and their providers. */
export function workloadIdentityRoutes(world: World): Route[] {
  const pools = openResources<z.infer<typeof Pool>>(
    {
      ...SHARED,
      collection: COLLECTION,
      parameter: 'pool',
      file: 'workload-identity-pools',
      message: Pool,
      field: 'workloadIdentityPool',
      mutable: ['displayName', 'description', 'disabled'],
      idParameter: 'workloadIdentityPoolId',
      operations: operations('WorkloadIdentityPool'),
    },
    world,
  );
  const providers = openResources<Provider>(
    {
      ...SHARED,
      collection: `${COLLECTION}/{pool}/providers`,
      parameter: 'provider',
      file: 'workload-identity-providers',
      message: Provider,
      field: 'workloadIdentityPoolProvider',
      listField: 'workloadIdentityPoolProviders',
      mutable: [
        'displayName',
        'description',
        'disabled',
        'attributeMapping',
        'attributeCondition',
        'oidc',
      ],
      check: checkProvider,
      checkNew: (name) => pools.find(name.split('/').slice(0, 6).join('/')),
      idParameter: 'workloadIdentityPoolProviderId',
      operations: operations('WorkloadIdentityPoolProvider'),
    },
    world,
  );
  // The official plug-in reads them; there are none.
  const rules = route('GET', `v1/${COLLECTION}/{pool}:listAttestationRules`, ({ name }) => {
    pools.find(name);
    return {};
  });
  return [rules, ...pools.routes, ...providers.routes];
}

function checkProvider({ oidc, attributeMapping = {} }: Provider): void {
  if (oidc?.issuerUri === undefined) throw invalidArgument('The oidc.issuer_uri must be set.');
  if (attributeMapping['google.subject'] === undefined) {
    throw invalidArgument('The attribute_mapping must map google.subject.');
  }
}
