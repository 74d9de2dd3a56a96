import { z } from 'zod';
import { parseJson } from '../json.ts';
import { type DeclaredResource, type Inputs, UNKNOWN_VALUE } from './preview.ts';

/** The only role that the public may have. */
const PUBLIC_ROLE = 'roles/artifactregistry.reader';

const REMEDIES = {
  /** A clean-up policy that deletes versions of any age. */
  DELETE_WITHOUT_AGE: 'give its condition an olderThan',
  /** A build whose base may be another image tomorrow. */
  UNPINNED_BASE: 'name it by its digest',
  /** A grant to the public of more than reading. */
  PUBLIC_WRITER: `the public may have ${PUBLIC_ROLE} and nothing else`,
  /** A credential that does not expire. */
  SERVICE_ACCOUNT_KEY: 'use workload identity federation instead',
  /** A registry that one command may delete. */
  UNPROTECTED_REGISTRY: 'declare it with protect: true',
  /** A resource that a rule is about, with inputs that the rule can't read. */
  NOT_UNDERSTOOD: 'declare it as the plug-in documents it',
} as const;

type PolicyCode = keyof typeof REMEDIES;

/** Why a resource must not be declared as it is. */
interface ResourceProblem {
  readonly code: PolicyCode;
  /** `<type> <name>`. */
  readonly resource: string;
  readonly problem: string;
  readonly remedy: string;
}

type Found = readonly (readonly [code: PolicyCode, problem: string])[];

/** Checks the resources that a program declares, with or without the engine. */
export function checkResources(resources: readonly DeclaredResource[]): readonly ResourceProblem[] {
  return resources.flatMap((resource) =>
    check(resource).map(([code, problem]) => {
      return {
        code,
        resource: `${resource.type} ${resource.name}`,
        problem,
        remedy: REMEDIES[code],
      };
    }),
  );
}

/** Grants of Google Cloud, of any kind of resource, such as `gcp:projects/iAMMember:IAMMember`. */
const GRANT = /^gcp:.*iam(?:binding|member|policy)$/i;

function check({ type, inputs, protect }: DeclaredResource): Found {
  if (GRANT.test(type)) return checkGrant(inputs);
  switch (type) {
    case 'gcp:artifactregistry/repository:Repository':
      return protect
        ? checkPolicies(inputs)
        : [['UNPROTECTED_REGISTRY', 'one command may delete it'], ...checkPolicies(inputs)];
    case 'docker:index/image:Image':
      return checkBase(inputs);
    case 'gcp:serviceaccount/key:Key':
    case 'gcp:storage/hmacKey:HmacKey':
      return [['SERVICE_ACCOUNT_KEY', 'a key can leak, and never expires']];
    default:
      return [];
  }
}

const Policies = z.array(
  z.object({
    id: z.string().optional(),
    action: z.string().optional(),
    condition: z.object({ olderThan: z.string().optional() }).optional(),
  }),
);

function checkPolicies({ cleanupPolicies }: Inputs): Found {
  if (cleanupPolicies === undefined || cleanupPolicies === UNKNOWN_VALUE) return [];
  const parsed = Policies.safeParse(cleanupPolicies);
  if (!parsed.success) return notUnderstood('cleanupPolicies');
  return parsed.data
    .filter(({ action, condition }) => action !== 'KEEP' && !isAge(condition?.olderThan))
    .map(({ id = 'one without an id' }) => {
      return ['DELETE_WITHOUT_AGE', `its clean-up policy ${id} deletes versions of any age`];
    });
}

/** A duration above zero, such as `7776000s` or `90d`. */
function isAge(text: string | undefined): boolean {
  return text === UNKNOWN_VALUE || /^0*[1-9][0-9]*(?:\.[0-9]+)?[smhd]$/.test(text ?? '');
}

const Build = z.object({ args: z.record(z.string(), z.unknown()).optional() });

/** An image that is read has no build, and a VM disk no base. */
function checkBase({ build }: Inputs): Found {
  if (build === undefined) return [];
  const parsed = Build.safeParse(build);
  if (!parsed.success) return notUnderstood('build');
  const base = parsed.data.args?.['BASE'];
  if (base === undefined || base === UNKNOWN_VALUE) return [];
  if (typeof base === 'string' && /@sha256:[a-f0-9]{64}$/.test(base)) return [];
  const name = typeof base === 'string' ? base : '';
  return [['UNPINNED_BASE', `its base ${name} may be another image tomorrow`]];
}

const Bindings = z.array(z.object({ role: z.string(), members: z.array(z.string()) }));

const PUBLIC = ['allUsers', 'allAuthenticatedUsers'];

function checkGrant(inputs: Inputs): Found {
  const bindings = Bindings.safeParse(bindingsOf(inputs));
  if (!bindings.success) return notUnderstood('its members');
  return bindings.data
    .filter(({ role }) => role !== PUBLIC_ROLE)
    .filter(({ members }) => members.some((member) => PUBLIC.includes(member)))
    .map(({ role }) => ['PUBLIC_WRITER', `it gives ${role} to the public`]);
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
  return [['NOT_UNDERSTOOD', `${inputs} can't be checked`]];
}
