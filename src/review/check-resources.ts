import { z } from 'zod';
import { type DeclaredResource, type Inputs, UNKNOWN_VALUE } from './preview.ts';

/**
 * - `DELETE_WITHOUT_AGE`: a clean-up policy that deletes whatever it meets, however new.
 * - `UNPINNED_BASE`: a build whose base may be another image tomorrow.
 * - `PUBLIC_WRITER`: a grant to the public of more than reading.
 * - `SERVICE_ACCOUNT_KEY`: a credential that does not end.
 * - `UNPROTECTED_REGISTRY`: a registry that one command may delete.
 * - `NOT_UNDERSTOOD`: a resource that one of the rules is about, with inputs that it can't judge.
 */
export type PolicyCode =
  | 'DELETE_WITHOUT_AGE'
  | 'UNPINNED_BASE'
  | 'PUBLIC_WRITER'
  | 'SERVICE_ACCOUNT_KEY'
  | 'UNPROTECTED_REGISTRY'
  | 'NOT_UNDERSTOOD';

/** A resource that must not be declared as it is. */
export interface Violation {
  readonly code: PolicyCode;
  /** `<type> <name>`. */
  readonly resource: string;
  readonly problem: string;
  readonly remedy: string;
}

type Flaw = Omit<Violation, 'resource'>;
type Rule = (resource: DeclaredResource) => readonly Flaw[];

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';
const IMAGE = 'docker:index/image:Image';
const KEYS = ['gcp:serviceaccount/key:Key', 'gcp:storage/hmacKey:HmacKey'];

/** Grants of Google Cloud, whatever they are of (`gcp:projects/iAMMember:IAMMember`, say). */
const GRANT = /^gcp:.*iam(?:binding|member|policy)$/i;

const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];

/** The only role that the public may have. */
const PUBLIC_ROLES = ['roles/artifactregistry.reader'];

/** All that is wrong with what a program declares; empty when nothing is. The engine need not run. */
export function checkResources(resources: readonly DeclaredResource[]): readonly Violation[] {
  return resources.flatMap((resource) => {
    const flaws = RULES.flatMap((rule) => rule(resource));
    return flaws.map((flaw) => ({ ...flaw, resource: `${resource.type} ${resource.name}` }));
  });
}

const RULES: readonly Rule[] = [
  ({ type, protect }) => {
    if (type !== REPOSITORY || protect) return [];
    const remedy = 'declare it with protect: true';
    return [{ code: 'UNPROTECTED_REGISTRY', problem: 'one command may delete it', remedy }];
  },
  ({ type, inputs }) => (type === REPOSITORY ? checkPolicies(inputs) : []),
  ({ type, inputs }) => (type === IMAGE ? checkBase(inputs) : []),
  ({ type, inputs }) => (GRANT.test(type) ? checkGrant(inputs) : []),
  ({ type }) => {
    if (!KEYS.includes(type)) return [];
    const remedy = 'give whoever needs it an identity: workload identity federation';
    return [{ code: 'SERVICE_ACCOUNT_KEY', problem: 'a key can leak, and does not end', remedy }];
  },
];

const Policies = z.array(
  z.object({
    id: z.string().optional(),
    action: z.string().optional(),
    condition: z.object({ olderThan: z.string().optional() }).optional(),
  }),
);

function checkPolicies({ cleanupPolicies }: Inputs): readonly Flaw[] {
  if (cleanupPolicies === undefined || cleanupPolicies === UNKNOWN_VALUE) return [];
  const parsed = Policies.safeParse(cleanupPolicies);
  if (!parsed.success) return [notUnderstood('cleanupPolicies')];
  return parsed.data
    .filter(({ action, condition }) => action !== 'KEEP' && !isAge(condition?.olderThan))
    .map(({ id = 'one without an id' }) => {
      const problem = `its clean-up policy ${id} deletes whatever it meets, however new`;
      return { code: 'DELETE_WITHOUT_AGE', problem, remedy: 'give its condition an olderThan' };
    });
}

/** A duration above zero, such as `7776000s` or `90d`. */
function isAge(text: string | undefined): boolean {
  return text === UNKNOWN_VALUE || /^0*[1-9][0-9]*(?:\.[0-9]+)?[smhd]$/.test(text ?? '');
}

const Build = z.object({ args: z.record(z.string(), z.unknown()).optional() });

/** An image that is read has no build; VM disks are built from scratch, without a base. */
function checkBase({ build }: Inputs): readonly Flaw[] {
  if (build === undefined) return [];
  const parsed = Build.safeParse(build);
  if (!parsed.success) return [notUnderstood('build')];
  const base = parsed.data.args?.['BASE'];
  if (base === undefined || base === UNKNOWN_VALUE) return [];
  if (typeof base === 'string' && /@sha256:[a-f0-9]{64}$/.test(base)) return [];
  const problem = `its base ${typeof base === 'string' ? base : ''} may be another image tomorrow`;
  return [{ code: 'UNPINNED_BASE', problem, remedy: 'name it by its digest' }];
}

const Bindings = z.array(z.object({ role: z.string(), members: z.array(z.string()) }));

function checkGrant(inputs: Inputs): readonly Flaw[] {
  const bindings = Bindings.safeParse(bindingsOf(inputs));
  if (!bindings.success) return [notUnderstood('its members')];
  const remedy = `the public may have ${PUBLIC_ROLES.join(', ')} and nothing else`;
  return bindings.data
    .filter(({ role, members }) => {
      return !PUBLIC_ROLES.includes(role) && members.some((member) => PUBLIC.includes(member));
    })
    .map(({ role }) => ({
      code: 'PUBLIC_WRITER',
      problem: `it gives ${role} to the public`,
      remedy,
    }));
}

/** The three ways in which resources grant: a policy, a binding, a member. */
function bindingsOf({ policyData, role, members, member }: Inputs): unknown {
  if (typeof policyData === 'string') return bindingsOfPolicy(policyData);
  if (members === UNKNOWN_VALUE || member === UNKNOWN_VALUE) return [];
  return [{ role, members: members ?? [member] }];
}

function bindingsOfPolicy(text: string): unknown {
  if (text === UNKNOWN_VALUE) return [];
  try {
    const policy: unknown = JSON.parse(text);
    return z.object({ bindings: z.unknown() }).parse(policy).bindings;
  } catch {
    return undefined;
  }
}

function notUnderstood(what: string): Flaw {
  const problem = `${what} can't be judged`;
  return { code: 'NOT_UNDERSTOOD', problem, remedy: 'declare it as the plug-in documents it' };
}
