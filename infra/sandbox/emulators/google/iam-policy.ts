import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import { parseBody } from './parse-body.ts';
import type { Collection } from './store.ts';
import { Int } from './wire-values.ts';

const Binding = z.strictObject({
  role: z.string(),
  members: z.array(z.string()).optional(),
  condition: z
    .strictObject({
      expression: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
      location: z.string().optional(),
    })
    .optional(),
});
type Binding = z.infer<typeof Binding>;

/** Who may do what (google.iam.v1.Policy). The etag changes with the content. */
export const IamPolicy = z.strictObject({
  version: Int.optional(),
  etag: z.string().optional(),
  bindings: z.array(Binding).optional(),
  auditConfigs: z.array(z.looseObject({})).optional(),
});
export type IamPolicy = z.infer<typeof IamPolicy>;

const SetRequest = z.strictObject({ policy: IamPolicy, updateMask: z.string().optional() });
const GetRequest = z.strictObject({
  options: z.strictObject({ requestedPolicyVersion: Int.optional() }).optional(),
});

/** The query parameter of `getIamPolicy` where that is a GET. */
export const POLICY_PARAMETERS = ['options.requestedPolicyVersion'] as const;

const ROLE = /^(?:(?:projects|organizations)\/[^/\s]+\/)?roles\/[A-Za-z0-9_.]+$/;
// IAM's "Principal identifiers".
const MEMBER =
  /^(?:allUsers|allAuthenticatedUsers|(?:deleted:)?(?:user|serviceAccount|group|domain|projectOwner|projectEditor|projectViewer):\S+|principal(?:Set)?:\/\/\S+)$/;

/** A resource's policy; one that nobody ever set is empty. */
export function getPolicy(
  policies: Collection<IamPolicy>,
  name: string,
  body?: unknown,
): IamPolicy {
  if (body !== undefined) parseBody(GetRequest, body);
  // "ACAB" is Google's etag of a policy that was never set.
  return policies.get(name) ?? { etag: 'ACAB' };
}

/**
 * Replaces a resource's policy. A policy that was read before somebody else changed it is refused
 * (ABORTED): it would take back the change.
 */
export function setPolicy(policies: Collection<IamPolicy>, name: string, body: unknown): IamPolicy {
  const { policy } = parseBody(SetRequest, body);
  const { etag } = getPolicy(policies, name);
  if (policy.etag !== undefined && policy.etag !== '' && policy.etag !== etag) {
    throw new ApiError(
      'ABORTED',
      'There were concurrent policy changes. Please retry the whole read-modify-write with ' +
        `exponential backoff. The request's ETag '${policy.etag}' did not match the current ` +
        `policy's ETag '${etag ?? ''}'.`,
    );
  }
  const bindings = mergeBindings(policy.bindings ?? []);
  const version = bindings.some(({ condition }) => condition !== undefined) ? 3 : 1;
  if (version === 3 && policy.version !== 3) {
    throw invalidArgument('A policy with conditions must have version 3.');
  }
  const content = {
    version,
    ...(bindings.length > 0 && { bindings }),
    ...(policy.auditConfigs !== undefined && { auditConfigs: policy.auditConfigs }),
  };
  const hash = createHash('sha256').update(`${etag ?? ''}${JSON.stringify(content)}`);
  const next = { ...content, etag: hash.digest('base64').slice(0, 12) };
  policies.set(name, next);
  return next;
}

/** As Google keeps them: one binding a role and condition, members once and sorted, none empty. */
function mergeBindings(bindings: readonly Binding[]): Binding[] {
  const merged = new Map<string, Binding & { members: string[] }>();
  for (const { role, members = [], condition } of bindings) {
    if (!ROLE.test(role)) throw invalidArgument(`Role (${role}) does not exist.`);
    for (const member of members) {
      if (!MEMBER.test(member)) {
        throw invalidArgument(
          `The member ${member} is of an unknown type. Please set a valid type prefix for the member.`,
        );
      }
    }
    const key = `${role} ${JSON.stringify(condition ?? null)}`;
    const all = new Set([...(merged.get(key)?.members ?? []), ...members]);
    if (all.size === 0) continue;
    merged.set(key, { role, members: [...all].sort(), ...(condition && { condition }) });
  }
  return [...merged.values()].sort((a, b) => (a.role < b.role ? -1 : a.role > b.role ? 1 : 0));
}
