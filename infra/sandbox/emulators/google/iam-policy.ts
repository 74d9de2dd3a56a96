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

const SetRequest = z.strictObject({ policy: IamPolicy, updateMask: z.string().optional() });

/**
 * The methods for the policy of a resource at `path`. `keyOf` gives the key among `policies` by the
 * resource's name, and throws where there is no such resource.
 */
export function policyRoutes(
  path: string,
  method: 'GET' | 'POST',
  policies: Collection<IamPolicy>,
  keyOf: (name: string) => string,
): Route[] {
  // "ACAB" is Google's etag of a policy that was never set.
  const get = (name: string) => policies.get(keyOf(name)) ?? { etag: 'ACAB' };
  return [
    route(method, `${path}:getIamPolicy`, ({ name }) => get(name), [
      'options.requestedPolicyVersion',
    ]),
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
function nextPolicy({ etag = '' }: IamPolicy, policy: IamPolicy): IamPolicy {
  if (policy.etag !== undefined && policy.etag !== '' && policy.etag !== etag) {
    throw new ApiError(
      'ABORTED',
      'There were concurrent policy changes. Please retry the whole read-modify-write with ' +
        `exponential backoff. The request's ETag '${policy.etag}' did not match the current ` +
        `policy's ETag '${etag}'.`,
    );
  }
  const bindings = mergeBindings(policy.bindings ?? []);
  const version = bindings.some(({ condition }) => condition !== undefined) ? 3 : 1;
  if (version === 3 && policy.version !== 3) {
    throw invalidArgument('A policy with conditions must have version 3.');
  }
  const content = { version, bindings, auditConfigs: policy.auditConfigs };
  const hash = createHash('sha256').update(`${etag}${JSON.stringify(content)}`);
  return { ...content, etag: hash.digest('base64').slice(0, 12) };
}

/** As Google keeps them: one binding per role and condition, members once and sorted, none empty. */
function mergeBindings(bindings: readonly Binding[]): Binding[] {
  const merged = new Map<string, Binding & { members: string[] }>();
  for (const { role, members = [], condition } of bindings) {
    const key = `${role} ${JSON.stringify(condition ?? null)}`;
    const all = new Set([...(merged.get(key)?.members ?? []), ...members]);
    if (all.size > 0) merged.set(key, { role, members: [...all].sort(), condition });
  }
  return [...merged.values()].sort((a, b) => (a.role < b.role ? -1 : a.role > b.role ? 1 : 0));
}
