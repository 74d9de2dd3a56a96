import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { NAME, type Fields } from './fields.ts';
import type { Kind } from './gcp-resource-type.ts';
import { unlessGone, type GoogleRequest, type Work } from './google-client.ts';
import { fillPath, parseId } from './path-template.ts';
import { changePolicy, membersOf, POLICY_VERSION, withMembers } from './policy.ts';
import { sameName, sameSet, textOf, textsOf } from './property.ts';
import type { Settings } from './settings.ts';

/** Resources of one type whose policies say who may do what. */
interface PolicyHolder extends Pick<GoogleRequest, 'service'> {
  /** The inputs that name the resource. */
  readonly fields: Fields;
  /** The one that has its name. */
  readonly named: string;
  /** The form of a full name, where the input may be a part of it. */
  readonly template?: string;
  /** The beginning of the path before the name. */
  readonly prefix?: string;
  /** For messages: `who may use the repository`. */
  readonly noun: string;
  /** The beginning of the permissions: `artifactregistry.repositories`. */
  readonly permissions: string;
  /** Google's own role that has them. */
  readonly role: string;
  readonly get: Pick<GoogleRequest, 'method' | 'query' | 'body'>;
  /** What the request that writes the policy has besides. */
  readonly set?: Properties;
}

/** Repositories of Artifact Registry, by id or full name. */
export const REPOSITORIES: PolicyHolder = {
  service: 'artifactRegistry',
  fields: {
    project: { type: 'text', replaces: true, computed: true },
    location: NAME,
    repository: { ...NAME, same: sameName },
  },
  named: 'repository',
  template: 'projects/{project}/locations/{location}/repositories/{repository}',
  noun: 'who may use the repository',
  permissions: 'artifactregistry.repositories',
  role: 'roles/artifactregistry.admin',
  get: { method: 'GET' },
};

/** Service accounts, by full name. */
export const ACCOUNTS: PolicyHolder = {
  service: 'iam',
  fields: {
    serviceAccountId: NAME,
  },
  named: 'serviceAccountId',
  noun: 'who may use the service account',
  permissions: 'iam.serviceAccounts',
  role: 'roles/iam.serviceAccountAdmin',
  get: { method: 'POST', query: { 'options.requestedPolicyVersion': String(POLICY_VERSION) } },
};

/** Projects, by id. The official plug-in has no default here: rights in a project are too much for a guess. */
export const PROJECTS: PolicyHolder = {
  service: 'resourceManager',
  fields: { project: NAME },
  named: 'project',
  prefix: 'projects/',
  noun: 'who may do what in the project',
  permissions: 'resourcemanager.projects',
  role: 'roles/resourcemanager.projectIamAdmin',
  get: { method: 'POST', body: { options: { requestedPolicyVersion: POLICY_VERSION } } },
  set: { updateMask: 'bindings,etag,auditConfigs' },
};

const WHO = {
  member: NAME,
  members: { type: 'list', required: true, same: sameSet },
} satisfies Fields;

/**
 * A role on a resource: for one `member` beside others (the official `...IAMMember` types), or for all
 * `members` and nobody else (`...IAMBinding`). To create one that exists already does no harm.
 */
export function grantKind(token: string, holder: PolicyHolder, who: keyof typeof WHO): Kind {
  const isMember = who === 'member';
  const membersIn = (inputs: Properties) =>
    isMember ? [textOf(inputs, who)] : textsOf(inputs, who);

  function stateOf(inputs: Properties, policy: Properties, settings: Settings): Properties {
    const { outputs } = placeOf(holder, inputs, settings);
    const role = textOf(inputs, 'role');
    const members = isMember ? textOf(inputs, who) : membersOf(policy, role);
    return { ...outputs, role, [who]: members, etag: textOf(policy, 'etag') };
  }

  /** Gives the role to the members that `choose` makes of those before. */
  function change(inputs: Properties, work: Work, choose: (before: string[]) => string[]) {
    const role = textOf(inputs, 'role');
    const { get, set } = placeOf(holder, inputs, work.settings);
    const changed = (policy: Properties) =>
      withMembers(policy, role, choose(membersOf(policy, role)));
    return changePolicy(get, set, changed, work);
  }

  async function write(inputs: Properties, work: Work): Promise<Properties> {
    const own = membersIn(inputs);
    const policy = await change(inputs, work, (before) => (isMember ? [...before, ...own] : own));
    return stateOf(inputs, policy, work.settings);
  }

  return {
    token,
    fields: { ...holder.fields, role: NAME, [who]: WHO[who] },
    outputs: ['etag'],
    idOf(inputs, settings) {
      const { resource } = placeOf(holder, inputs, settings);
      return [resource, textOf(inputs, 'role'), ...(isMember ? membersIn(inputs) : [])].join('/');
    },
    importId(id) {
      throw new Error(`"${id}" cannot be imported; \`pulumi up\` takes over a grant that exists`);
    },
    create: write,
    update: (_id, { wanted }, work) => write(wanted, work),

    async read(_id, was, work) {
      const { get } = placeOf(holder, was, work.settings);
      const policy = await unlessGone(work.send(get));
      if (policy === undefined) return undefined;
      // A binding without members is one, too.
      const present = membersOf(policy, textOf(was, 'role'));
      const isThere = !isMember || present.includes(textOf(was, who));
      return isThere ? stateOf(was, policy, work.settings) : undefined;
    },

    async delete(_id, was, work) {
      const own = membersIn(was);
      const left = (before: string[]) => before.filter((member) => !own.includes(member));
      await unlessGone(change(was, work, isMember ? left : () => []));
    },
  };
}

/** The resource that inputs name: its part of an id, its outputs, and the requests for its policy. */
function placeOf(holder: PolicyHolder, inputs: Properties, settings: Settings) {
  const name = textOf(inputs, holder.named);
  const project = textOf(inputs, 'project') || settings.project;
  const home = { project, region: textOf(inputs, 'location') };
  const values = holder.template === undefined ? {} : parseId(holder.template, name, home);
  const resource = holder.template === undefined ? name : fillPath(holder.template, values);
  const request = (verb: string, call: string): Omit<GoogleRequest, 'method'> => ({
    service: holder.service,
    path: `${holder.prefix ?? ''}${resource}:${call}`,
    purpose: `${verb} ${holder.noun} ${resource}`,
    permission: `${holder.permissions}.${call} (${holder.role} has it)`,
  });
  const get: GoogleRequest = { ...request('read', 'getIamPolicy'), ...holder.get };
  const set: GoogleRequest = {
    ...request('set', 'setIamPolicy'),
    method: 'POST',
    body: holder.set,
  };
  return { resource, outputs: { ...values, [holder.named]: resource }, get, set };
}
