import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { omit } from './omit.ts';
import type { Operations } from './operations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { route, type Route } from './router.ts';
import { openSoftDeleted, type SoftDeleted } from './soft-deleted.ts';
import { applyMask } from './update-mask.ts';
import {
  checkIdentityId,
  checkIdentityTexts,
  poolName,
  type Pool,
} from './workload-identity-pools.ts';

/** google.iam.v1.WorkloadIdentityPoolProvider. */
const Provider = z.strictObject({
  name: z.string().optional(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  disabled: z.boolean().optional(),
  attributeMapping: z.record(z.string(), z.string()).optional(),
  attributeCondition: z.string().optional(),
  oidc: z
    .strictObject({
      issuerUri: z.string().optional(),
      allowedAudiences: z.array(z.string()).optional(),
      jwksJson: z.string().optional(),
    })
    .optional(),
  aws: z.strictObject({ accountId: z.string().optional() }).optional(),
  saml: z.looseObject({}).optional(),
  x509: z.looseObject({}).optional(),
  state: z.enum(['ACTIVE', 'DELETED']).optional(),
});
type Provider = z.infer<typeof Provider>;

const PARENT = 'v1/projects/{project}/locations/global/workloadIdentityPools/{pool}/providers';
const ONE = `${PARENT}/{provider}` as const;
const MESSAGE = 'google.iam.v1.WorkloadIdentityPoolProvider';
const SOURCES = ['oidc', 'aws', 'saml', 'x509'] as const;
const MUTABLE_FIELDS = [
  'displayName',
  'description',
  'disabled',
  'attributeMapping',
  'attributeCondition',
  ...SOURCES,
];
const LONGEST_CONDITION = 4096;

/** The providers of workload identity pools, kept in `folder`. */
export function providerRoutes(
  folder: string,
  pools: SoftDeleted<Pool>,
  operations: Operations,
): Route[] {
  const providers = openSoftDeleted(folder, 'workload-identity-providers', Provider);
  const view = (name: string, provider: Provider) => ({ ...provider, name });
  const finish = (name: string, provider: Provider) =>
    operations.done(name, MESSAGE, view(name, provider));
  const nameOf = (place: { project: string; pool: string; provider: string }) =>
    `${poolName(place)}/providers/${place.provider}`;
  return [
    route('POST', `${ONE}:undelete`, ({ params }) => {
      const name = nameOf(params);
      return finish(name, providers.undelete(name));
    }),
    route(
      'POST',
      PARENT,
      ({ params, query, body }) => {
        const provider = query.get('workloadIdentityPoolProviderId') ?? '';
        checkIdentityId(provider, 'workload_identity_pool_provider_id');
        pools.getActive(poolName(params));
        const parsed = parseBody(Provider, body, 'workload_identity_pool_provider');
        const content = omit(parsed, 'name');
        checkProvider(content);
        const name = nameOf({ ...params, provider });
        return finish(name, providers.create(name, { ...content, state: 'ACTIVE' }));
      },
      ['workloadIdentityPoolProviderId'],
    ),
    route(
      'GET',
      PARENT,
      ({ params, query }) => {
        const all = providers.active(nameOf({ ...params, provider: '' }));
        const { items, nextPageToken } = page(all, query);
        return {
          workloadIdentityPoolProviders: items.map(([name, provider]) => view(name, provider)),
          ...(nextPageToken !== undefined && { nextPageToken }),
        };
      },
      PAGE_PARAMETERS,
    ),
    route('GET', ONE, ({ params }) => view(nameOf(params), providers.get(nameOf(params)))),
    route(
      'PATCH',
      ONE,
      ({ params, query, body }) => {
        const name = nameOf(params);
        const changes = parseBody(Provider, body, 'workload_identity_pool_provider');
        const mask = query.get('updateMask');
        const changed = applyMask(providers.getActive(name), changes, mask, MUTABLE_FIELDS);
        checkProvider(changed);
        return finish(name, providers.update(name, changed));
      },
      ['updateMask'],
    ),
    route('DELETE', ONE, ({ params }) => {
      const name = nameOf(params);
      return finish(name, providers.delete(name));
    }),
  ];
}

function checkProvider(provider: Provider): void {
  checkIdentityTexts(provider);
  const { oidc, attributeMapping = {}, attributeCondition = '' } = provider;
  const sources = SOURCES.filter((source) => provider[source] !== undefined);
  if (sources.length !== 1)
    throw invalidArgument('Exactly one of oidc, aws, saml, x509 must be set.');
  if (attributeCondition.length > LONGEST_CONDITION) {
    throw invalidArgument(`attribute_condition has more than ${LONGEST_CONDITION} characters`);
  }
  if (oidc === undefined) return;
  if (URL.parse(oidc.issuerUri ?? '')?.protocol !== 'https:') {
    throw invalidArgument('The issuer_uri must be an https URL.');
  }
  if (attributeMapping['google.subject'] === undefined) {
    throw invalidArgument('The attribute_mapping must map google.subject.');
  }
}
