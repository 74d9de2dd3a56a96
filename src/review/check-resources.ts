import { z } from 'zod';
import { parseJson } from '../json.ts';
import { type DeclaredResource, type Inputs, UNKNOWN_VALUE } from './preview.ts';

export type PolicyCode =
  /** A clean-up policy that deletes versions of any age. */
  | 'DELETE_WITHOUT_AGE'
  /** A build whose base may be another image tomorrow. */
  | 'UNPINNED_BASE'
  /** A grant to the public of more than reading. */
  | 'PUBLIC_WRITER'
  /** A credential that does not expire. */
  | 'SERVICE_ACCOUNT_KEY'
  /** A registry that one command may delete. */
  | 'UNPROTECTED_REGISTRY'
  /** A resource that a rule is about, with inputs that the rule can't read. */
  | 'NOT_UNDERSTOOD';

/** Why a resource must not be declared as it is. */
export interface ResourceProblem {
  readonly code: PolicyCode;
  /** `<type> <name>`. */
  readonly resource: string;
  readonly problem: string;
  readonly remedy: string;
}

type Found = Omit<ResourceProblem, 'resource'>;
type Rule = (resource: DeclaredResource) => readonly Found[];

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';
const IMAGE = 'docker:index/image:Image';
const KEYS = ['gcp:serviceaccount/key:Key', 'gcp:storage/hmacKey:HmacKey'];

/** Grants of Google Cloud, of any kind of resource, such as `gcp:projects/iAMMember:IAMMember`. */
const GRANT = /^gcp:.*iam(?:binding|member|policy)$/i;

const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];

/** The only role that the public may have. */
const PUBLIC_ROLES = ['roles/artifactregistry.reader'];

/** Checks the resources that a program declares, with or without the engine. */
export function checkResources(resources: readonly DeclaredResource[]): readonly ResourceProblem[] {
  return resources.flatMap((resource) => {
    const found = RULES.flatMap((rule) => rule(resource));
    return found.map((each) => ({ ...each, resource: `${resource.type} ${resource.name}` }));
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
    const remedy = 'use workload identity federation instead';
    return [{ code: 'SERVICE_ACCOUNT_KEY', problem: 'a key can leak, and never expires', remedy }];
  },
];

const Policies = z.array(
  z.object({
    id: z.string().optional(),
    action: z.string().optional(),
    condition: z.object({ olderThan: z.string().optional() }).optional(),
  }),
);

function checkPolicies({ cleanupPolicies }: Inputs): readonly Found[] {
  if (cleanupPolicies === undefined || cleanupPolicies === UNKNOWN_VALUE) return [];
  const parsed = Policies.safeParse(cleanupPolicies);
  if (!parsed.success) return [notUnderstood('cleanupPolicies')];
  return parsed.data
    .filter(({ action, condition }) => action !== 'KEEP' && !isAge(condition?.olderThan))
    .map(({ id = 'one without an id' }) => {
      const problem = `its clean-up policy ${id} deletes versions of any age`;
      return { code: 'DELETE_WITHOUT_AGE', problem, remedy: 'give its condition an olderThan' };
    });
}

/** A duration above zero, such as `7776000s` or `90d`. */
function isAge(text: string | undefined): boolean {
  return text === UNKNOWN_VALUE || /^0*[1-9][0-9]*(?:\.[0-9]+)?[smhd]$/.test(text ?? '');
}

const Build = z.object({ args: z.record(z.string(), z.unknown()).optional() });

/** An image that is read has no build, and a VM disk no base. */
function checkBase({ build }: Inputs): readonly Found[] {
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

function checkGrant(inputs: Inputs): readonly Found[] {
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

/** The bindings of a grant, which is declared as a policy, a binding or a member. */
function bindingsOf({ policyData, role, members, member }: Inputs): unknown {
  if ([policyData, members, member].includes(UNKNOWN_VALUE)) return [];
  if (typeof policyData === 'string') {
    return z.object({ bindings: z.unknown() }).safeParse(parseJson(policyData)).data?.bindings;
  }
  return [{ role, members: members ?? [member] }];
}

function notUnderstood(inputs: string): Found {
  const problem = `${inputs} can't be checked`;
  return { code: 'NOT_UNDERSTOOD', problem, remedy: 'declare it as the plug-in documents it' };
}
