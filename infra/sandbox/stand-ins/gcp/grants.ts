import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { NAME, type Fields } from './fields.ts';
import type { GcpKind } from './gcp-resource-type.ts';
import { unlessGone, type GoogleRequest, type Work } from './google-client.ts';
import { changePolicy, membersOf, POLICY_VERSION, withMembers } from './policy.ts';
import { fillPath, sameName, sameSet, textOf, textsOf } from './property.ts';
import type { Settings } from './settings.ts';

/** A role on resources of one type, whose policies say who may do what. */
interface Grant extends Pick<GcpKind, 'token'>, Pick<GoogleRequest, 'service'> {
  /** One `member` beside others, or all `members` and nobody else. */
  readonly who: keyof typeof WHO;
  /** The inputs that name the resource. */
  readonly fields: Fields;
  /** The one that has its name. */
  readonly named: string;
  /** The form of a full name, where the input may be its last part. */
  readonly template?: string;
  /** The beginning of the path before the name. */
  readonly prefix?: string;
  /** For messages: `repository`. */
  readonly noun: string;
  /** The request that reads the policy. */
  readonly get: Pick<GoogleRequest, 'method' | 'query' | 'body'>;
}

const WHO = {
  member: NAME,
  members: { type: 'list', required: true, same: sameSet },
} satisfies Fields;

/** On a repository of Artifact Registry, by id or full name. */
export const REPOSITORY_BINDING = grantKind({
  token: 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding',
  who: 'members',
  service: 'artifactRegistry',
  fields: {
    project: { type: 'string', replaces: true, computed: true },
    location: NAME,
    repository: { ...NAME, same: sameName },
  },
  named: 'repository',
  template: 'projects/{project}/locations/{location}/repositories/{repository}',
  noun: 'repository',
  get: { method: 'GET' },
});

/** On a service account, by full name. */
export const ACCOUNT_MEMBER = grantKind({
  token: 'gcp:serviceaccount/iAMMember:IAMMember',
  who: 'member',
  service: 'iam',
  fields: { serviceAccountId: NAME },
  named: 'serviceAccountId',
  noun: 'service account',
  get: { method: 'POST', query: { 'options.requestedPolicyVersion': String(POLICY_VERSION) } },
});

/** On a project, by id. The official plug-in has no default here: rights in a project are too much for a guess. */
export const PROJECT_MEMBER = grantKind({
  token: 'gcp:projects/iAMMember:IAMMember',
  who: 'member',
  service: 'resourceManager',
  fields: { project: NAME },
  named: 'project',
  prefix: 'projects/',
  noun: 'project',
  get: { method: 'POST', body: { options: { requestedPolicyVersion: POLICY_VERSION } } },
});

/** Makes a kind of a grant. To create one that exists already does no harm. */
function grantKind(grant: Grant): GcpKind {
  const { token, who } = grant;
  const isMember = who === 'member';
  const membersIn = (inputs: Properties) =>
    isMember ? [textOf(inputs, who)] : textsOf(inputs, who);

  function stateOf(inputs: Properties, policy: Properties, { settings }: Work): Properties {
    const { outputs } = placeOf(grant, inputs, settings);
    const role = textOf(inputs, 'role');
    const members = isMember ? textOf(inputs, who) : membersOf(policy, role);
    return { ...outputs, role, [who]: members, etag: textOf(policy, 'etag') };
  }

  /** Gives the role to the members that `choose` makes of those before. Returns the outputs. */
  async function change(inputs: Properties, work: Work, choose: (before: string[]) => string[]) {
    const role = textOf(inputs, 'role');
    const { get, set } = placeOf(grant, inputs, work.settings);
    const changed = (policy: Properties) =>
      withMembers(policy, role, choose(membersOf(policy, role)));
    return stateOf(inputs, await changePolicy(get, set, changed, work), work);
  }

  function write(inputs: Properties, work: Work): Promise<Properties> {
    const own = membersIn(inputs);
    return change(inputs, work, (before) => (isMember ? [...before, ...own] : own));
  }

  return {
    token,
    fields: { ...grant.fields, role: NAME, [who]: WHO[who] },
    outputs: ['etag'],
    idOf(inputs, settings) {
      const { resource } = placeOf(grant, inputs, settings);
      return [resource, textOf(inputs, 'role'), ...(isMember ? membersIn(inputs) : [])].join('/');
    },
    create: (_id, inputs, work) => write(inputs, work),
    update: (_id, { desired }, work) => write(desired, work),

    async read(id, was, work) {
      if (Object.keys(was).length === 0) {
        throw new Error(`"${id}" cannot be imported; \`pulumi up\` takes over a grant that exists`);
      }
      const policy = await unlessGone(work.send(placeOf(grant, was, work.settings).get));
      if (policy === undefined) return undefined;
      // A binding without members is one, too.
      const present = membersOf(policy, textOf(was, 'role'));
      const isThere = !isMember || present.includes(textOf(was, who));
      return isThere ? stateOf(was, policy, work) : undefined;
    },

    async delete(_id, was, work) {
      const own = membersIn(was);
      const left = (before: string[]) => before.filter((member) => !own.includes(member));
      await unlessGone(change(was, work, isMember ? left : () => []));
    },
  };
}

/** The resource that inputs name: its part of an id, its outputs, and the requests for its policy. */
function placeOf(grant: Grant, inputs: Properties, settings: Settings) {
  const { service, named, template, prefix = '', noun } = grant;
  const name = textOf(inputs, named);
  const project = textOf(inputs, 'project') || (settings.project ?? '');
  const location = textOf(inputs, 'location');
  const home: Properties = template === undefined ? {} : { project, location };
  const resource = fillPath(template ?? name, { ...home, [named]: name.split('/').at(-1) ?? '' });
  const request = (verb: string, call: string) => ({
    service,
    path: `${prefix}${resource}:${call}`,
    purpose: `${verb} the IAM policy of the ${noun}`,
  });
  const get: GoogleRequest = { ...request('read', 'getIamPolicy'), ...grant.get };
  const set: GoogleRequest = { ...request('set', 'setIamPolicy'), method: 'POST' };
  return { resource, outputs: { ...home, [named]: resource }, get, set };
}
