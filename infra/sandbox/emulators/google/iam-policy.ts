import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import { parseBody } from './message-json.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';

// IAM's "Principal identifiers".
const MEMBER =
  /^(?:allUsers|allAuthenticatedUsers|(?:deleted:)?(?:user|serviceAccount|group|domain|projectOwner|projectEditor|projectViewer):\S+|principal(?:Set)?:\/\/\S+)$/;
const ROLE = /^(?:(?:projects|organizations)\/[^/\s]+\/)?roles\/[A-Za-z0-9_.]+$/;

const Binding = z.strictObject({
  role: z.string().regex(ROLE, 'a role'),
  members: z.array(z.string().regex(MEMBER, 'a member with its type, such as user:')).optional(),
  condition: z
    .strictObject({
      expression: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
    })
    .optional(),
});
type Binding = z.infer<typeof Binding>;

/** Who may do what (google.iam.v1.Policy). The etag changes with the content. */
export const IamPolicy = z.strictObject({
  version: z.int32().optional(),
  etag: z.string().optional(),
  bindings: z.array(Binding).optional(),
  auditConfigs: z.array(z.looseObject({})).optional(),
});
export type IamPolicy = z.infer<typeof IamPolicy>;

/** An etag that changes with the content. */
export function etagOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64').slice(0, 12);
}

const SetRequest = z.strictObject({ policy: IamPolicy, updateMask: z.string().optional() });

/**
 * The methods for the policy of a resource at `path`. `keyOf` gives the key among `policies` by the
 * resource's name, and throws where there is no such resource.
 */
export function policyRoutes(
  path: string,
  policies: Collection<IamPolicy>,
  keyOf: (name: string) => string,
): Route[] {
  // "ACAB" is Google's etag of a policy that was never set.
  const get = (name: string) => policies.get(keyOf(name)) ?? { etag: 'ACAB' };
  return [
    // A GET at Artifact Registry, a POST elsewhere.
    ...['GET', 'POST'].map((method) =>
      route(method, `${path}:getIamPolicy`, ({ name }) => get(name)),
    ),
    route('POST', `${path}:setIamPolicy`, ({ name, body }) => {
      const policy = nextPolicy(get(name), parseBody(SetRequest, body).policy);
      policies.set(keyOf(name), policy);
      return policy;
    }),
  ];
}

/**
 * The policy that replaces `current`. ABORTED where somebody changed the policy since the caller read
 * it: the replacement would undo that change.
 */
function nextPolicy(current: IamPolicy, policy: IamPolicy): IamPolicy {
  if ((policy.etag ?? '') !== '' && policy.etag !== current.etag) {
    throw new ApiError(
      'ABORTED',
      'There were concurrent policy changes. Please retry the whole read-modify-write with ' +
        `exponential backoff. The request's ETag '${policy.etag ?? ''}' did not match the current ` +
        `policy's ETag '${current.etag ?? ''}'.`,
    );
  }
  const bindings = mergeBindings(policy.bindings ?? []);
  const version = bindings.some(({ condition }) => condition !== undefined) ? 3 : 1;
  if (version === 3 && policy.version !== 3) {
    throw invalidArgument('A policy with conditions must have version 3.');
  }
  const content = { version, bindings, auditConfigs: policy.auditConfigs };
  return { ...content, etag: etagOf({ ...content, etag: current.etag }) };
}

/** As Google keeps them: one binding per role and condition, members once and sorted, none empty. */
function mergeBindings(bindings: readonly Binding[]): Binding[] {
  const keyOf = ({ role, condition }: Binding) => `${role} ${JSON.stringify(condition ?? null)}`;
  const merged = [...Map.groupBy(bindings, keyOf).values()].flatMap((group) => {
    const members = [...new Set(group.flatMap((binding) => binding.members ?? []))].sort();
    return members.length === 0 ? [] : group.slice(0, 1).map((first) => ({ ...first, members }));
  });
  return merged.sort((a, b) => (a.role < b.role ? -1 : Number(a.role > b.role)));
}
