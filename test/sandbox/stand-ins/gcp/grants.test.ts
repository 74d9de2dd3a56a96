import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { membersOf, withMembers } from '../../../../infra/sandbox/stand-ins/gcp/policy.ts';
import { scriptedGoogle, type Script } from './scripted-google.ts';

const REPOSITORY = 'projects/ci-images/locations/europe-west4/repositories/images';
const ACCOUNT = 'projects/p/serviceAccounts/a@p.iam.gserviceaccount.com';
const MEMBER = 'gcp:serviceaccount/iAMMember:IAMMember';
const BINDING = 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding';
const GET = `POST iam/v1/${ACCOUNT}:getIamPolicy?options.requestedPolicyVersion=3`;
const SET = `POST iam/v1/${ACCOUNT}:setIamPolicy`;
const USER = 'roles/iam.serviceAccountUser';
const NEWS: Properties = { serviceAccountId: ACCOUNT, role: USER, member: 'user:me@x.org' };
/** Somebody else's, for a while. */
const CONDITIONAL: Properties = {
  role: USER,
  members: ['user:me@x.org'],
  condition: { title: 't', expression: 'true' },
};
const BEFORE: Properties = {
  etag: 'before',
  version: 1,
  bindings: [CONDITIONAL, { role: USER, members: ['user:you@x.org'] }],
  auditConfigs: [{ service: 'allServices' }],
};
const AFTER: Properties = {
  etag: 'after',
  bindings: [CONDITIONAL, { role: USER, members: ['user:me@x.org', 'user:you@x.org'] }],
};

const google = (script: Script = {}) => scriptedGoogle({ [GET]: BEFORE, [SET]: AFTER, ...script });

describe('a member', () => {
  test('comes beside the others, with the etag that was read, and nothing else is touched', async () => {
    const { resource, sent, calls } = await google();
    const { id, outputs } = await resource(MEMBER).create(NEWS);
    expect(id).toBe(`${ACCOUNT}/${USER}/user:me@x.org`);
    expect(calls()).toEqual([GET, SET]);
    const { bindings } = AFTER;
    expect(sent[1]?.body).toEqual({ policy: { ...BEFORE, version: 3, bindings } });
    expect(outputs).toEqual({ ...NEWS, etag: 'after' });
    expect(await resource(MEMBER).diff(outputs, NEWS)).toEqual({ changed: [], replaces: [] });
    const difference = await resource(MEMBER).diff(outputs, { ...NEWS, member: 'allUsers' });
    expect(difference).toEqual({ changed: ['member'], replaces: ['member'] });
  });

  test('goes alone, and is not imported', async () => {
    const { resource, sent } = await google({ [GET]: AFTER });
    await resource(MEMBER).delete('id', NEWS);
    const { bindings } = BEFORE;
    expect(sent[1]?.body).toMatchObject({ policy: { bindings } });
    await expect(resource(MEMBER).read('id')).rejects.toThrow('"id" cannot be imported');
  });

  test.each<Script>([{}, { [GET]: { status: 404 } }])(
    'that is not in a policy is gone',
    async (script) => {
      const { resource } = await google(script);
      expect(await resource(MEMBER).read('id', NEWS, NEWS)).toBeUndefined();
    },
  );

  test('of a project is granted as Resource Manager expects it', async () => {
    const at = 'cloudresourcemanager/v1/projects/p';
    const script = { [`POST ${at}:getIamPolicy`]: { etag: 'e' }, [`POST ${at}:setIamPolicy`]: {} };
    const { resource, sent } = await scriptedGoogle(script);
    const news = { project: 'p', role: 'projects/p/roles/r', member: 'allUsers' };
    const { id } = await resource('gcp:projects/iAMMember:IAMMember').create(news);
    expect(id).toBe('p/projects/p/roles/r/allUsers');
    const bindings = [{ role: 'projects/p/roles/r', members: ['allUsers'] }];
    expect(sent.map(({ body }) => body)).toEqual([
      { options: { requestedPolicyVersion: 3 } },
      { policy: { etag: 'e', version: 3, bindings } },
    ]);
  });
});

describe('changes of a policy', () => {
  const conflict = { status: 409, name: 'ABORTED' };

  test('start anew where somebody else was faster', async () => {
    const { resource, calls } = await google({ [SET]: [conflict, AFTER] });
    await resource(MEMBER).create(NEWS);
    expect(calls()).toEqual([GET, SET, GET, SET]);
  });

  test('end where somebody else is faster every time', async () => {
    const { resource, calls } = await google({ [SET]: conflict });
    const create = resource(MEMBER).create(NEWS);
    await expect(create).rejects.toThrow(/Error 409: no$/);
    expect(calls()).toHaveLength(16); // 8 tries × (read + write)
  });

  test('of one resource wait for each other', async () => {
    const { resource, calls } = await google();
    const roles = ['roles/a', 'roles/b', 'roles/c'];
    await Promise.all(roles.map((role) => resource(MEMBER).create({ ...NEWS, role })));
    expect(calls()).toEqual([GET, SET, GET, SET, GET, SET]);
  });
});

describe('a binding', () => {
  const get = `GET artifactregistry/v1/${REPOSITORY}:getIamPolicy`;
  const set = `POST artifactregistry/v1/${REPOSITORY}:setIamPolicy`;
  const role = 'roles/artifactregistry.reader';
  const members = ['user:a@x.org', 'user:b@x.org'];
  const there = { etag: 'e', bindings: [{ role, members }] };
  const place = { location: 'europe-west4', repository: 'images' };
  const news = { ...place, role, members: members.toReversed() };
  const script = { [get]: { bindings: [{ role, members: ['user:c@x.org'] }] }, [set]: there };

  test('has its members and no others, and changes them in place', async () => {
    const { resource, sent } = await scriptedGoogle(script);
    const { id, outputs } = await resource(BINDING).create(news);
    expect(id).toBe(`${REPOSITORY}/${role}`);
    expect(sent[1]?.body).toMatchObject({ policy: { bindings: there.bindings } });
    expect(outputs).toMatchObject({ project: 'ci-images', repository: REPOSITORY, etag: 'e' });
    expect(await resource(BINDING).diff(outputs, news)).toEqual({ changed: [], replaces: [] });
    const fewer = { ...news, members: ['user:a@x.org'] };
    const difference = await resource(BINDING).diff(outputs, fewer);
    expect(difference).toEqual({ changed: ['members'], replaces: [] });
    await resource(BINDING).delete(id, outputs);
    expect(sent.at(-1)?.body).toMatchObject({ policy: { bindings: [] } });
  });

  test('that others emptied is there, with nobody in it', async () => {
    const { resource } = await scriptedGoogle({ [get]: { etag: 'e' } });
    const state = await resource(BINDING).read('id', news, { ...news, repository: REPOSITORY });
    expect(state?.outputs).toMatchObject({ role, members: [] });
  });
});

test('members of one role are there once, and those of other roles and conditions stay', () => {
  const member = fc.constantFrom('allUsers', 'user:a@x.org', 'user:b@x.org', 'group:c@x.org');
  const role = fc.constantFrom('roles/a', 'roles/b', USER);
  const grant = fc.tuple(role, fc.uniqueArray(member));
  const policy = fc
    .array(grant)
    .map((grants) => grants.reduce<Properties>((all, one) => withMembers(all, ...one), BEFORE));
  fc.assert(
    fc.property(policy, grant, role, (before, [name, members], other) => {
      const after = withMembers(before, name, [...members, ...members]);
      expect(membersOf(after, name)).toEqual(members.toSorted());
      if (other !== name) expect(membersOf(after, other)).toEqual(membersOf(before, other));
      expect(after['bindings']).toContainEqual(CONDITIONAL);
    }),
  );
});
