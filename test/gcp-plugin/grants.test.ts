import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Properties } from '../../infra/plugin/resource-type.ts';
import {
  findBinding,
  normalMember,
  withBinding,
  withMembers,
  withoutMembers,
} from '../../infra/sandbox/gcp-plugin/policy.ts';
import { scriptedGoogle, UNKNOWN, type Answer } from './scripted-google.ts';

const REPOSITORY = 'projects/ci-images/locations/europe-west4/repositories/images';
const MEMBER = 'gcp:artifactregistry/repositoryIamMember:RepositoryIamMember';
const BINDING = 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding';
const GET = `GET artifactregistry/v1/${REPOSITORY}:getIamPolicy`;
const SET = `POST artifactregistry/v1/${REPOSITORY}:setIamPolicy`;
const READER = 'roles/artifactregistry.reader';
const NEWS: Properties = { repository: 'images', role: READER, member: 'user:Me@Example.com' };
const POLICY: Properties = {
  etag: 'before',
  version: 1,
  bindings: [{ role: READER, members: ['user:you@example.com'] }],
  auditConfigs: [{ service: 'allServices' }],
};
const AFTER: Properties = {
  etag: 'after',
  bindings: [{ role: READER, members: ['user:me@example.com', 'user:you@example.com'] }],
};

const google = (answers: Record<string, Answer | readonly Answer[]> = {}) =>
  scriptedGoogle({ [GET]: POLICY, [SET]: AFTER, ...answers });

describe('a member', () => {
  test('comes beside the others, with the etag that was read, and nothing else is touched', async () => {
    const { resource, asked } = await google();
    const { id, outputs } = await resource(MEMBER).create(NEWS);
    expect(id).toBe(`${REPOSITORY}/${READER}/user:me@example.com`);
    const bindings = [{ role: READER, members: ['user:me@example.com', 'user:you@example.com'] }];
    expect(asked.map(({ call }) => call)).toEqual([GET, SET]);
    expect(asked[1]?.body).toEqual({ policy: { ...POLICY, version: 3, bindings } });
    expect(outputs).toMatchObject({
      repository: REPOSITORY,
      location: 'europe-west4',
      etag: 'after',
    });
    expect(await resource(MEMBER).diff(outputs, NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test('goes alone', async () => {
    const { resource, asked } = await google({ [GET]: AFTER });
    await resource(MEMBER).delete('id', { ...NEWS, repository: REPOSITORY });
    const bindings = [{ role: READER, members: ['user:you@example.com'] }];
    expect(asked[1]?.body).toMatchObject({ policy: { bindings } });
  });

  test('who is not in the policy, or whose repository is gone, is gone', async () => {
    const state = { ...NEWS, repository: REPOSITORY };
    const other = await google();
    expect(await other.resource(MEMBER).read('id', NEWS, state)).toBeUndefined();
    const gone = await google({ [GET]: { status: 404 } });
    expect(await gone.resource(MEMBER).read('id', NEWS, state)).toBeUndefined();
  });

  test('is imported by resource, role and member', async () => {
    const { resource } = await google({ [GET]: AFTER });
    const state = await resource(MEMBER).read(`${REPOSITORY} ${READER} user:me@example.com`);
    expect(state).toMatchObject({
      id: `${REPOSITORY}/${READER}/user:me@example.com`,
      inputs: { repository: REPOSITORY, role: READER, member: 'user:me@example.com' },
    });
  });

  test.each<[string, Properties]>([
    ['member', { member: 'allUsers' }],
    ['role', { role: 'roles/artifactregistry.writer' }],
    ['repository', { repository: 'other' }],
    ['condition', { condition: { title: 't', expression: 'true' } }],
  ])('another %s replaces', async (property, change) => {
    const { resource } = await google();
    const { outputs } = await resource(MEMBER).create(NEWS);
    const difference = await resource(MEMBER).diff(outputs, { ...NEWS, ...change });
    expect(difference).toEqual({ changed: [property], replaces: [property] });
  });

  test('in a preview knows the repository by its full name', async () => {
    const { resource } = await google();
    const { outputs } = await resource(MEMBER).create(NEWS, true);
    expect(outputs).toMatchObject({ repository: REPOSITORY, etag: UNKNOWN });
  });

  test.each<[string, Properties, string]>([
    ['no type', { member: 'me@example.com' }, 'member'],
    ['somebody deleted', { member: 'deleted:user:me@example.com?uid=1' }, 'member'],
    ['no role', { role: 'reader' }, 'role'],
    ['half a condition', { condition: { title: 't' } }, 'condition.expression'],
  ])('is refused with %s', async (_, change, property) => {
    const { resource } = await google();
    const { failures } = await resource(MEMBER).check({ ...NEWS, ...change });
    expect(failures.map((failure) => failure.property)).toEqual([property]);
  });
});

describe('changes of a policy', () => {
  const conflict = { status: 409, name: 'ABORTED' };

  test('start anew where somebody else was faster', async () => {
    const { resource, calls } = await google({ [SET]: [conflict, AFTER] });
    await resource(MEMBER).create(NEWS);
    expect(calls()).toEqual([GET, SET, GET, SET]);
  });

  test('end where somebody else is faster every time, and advise no import', async () => {
    const { resource, calls } = await google({ [SET]: conflict });
    const create = resource(MEMBER).create(NEWS);
    await expect(create).rejects.toThrow(
      /answered 409 ABORTED .*; somebody else .* run this again$/,
    );
    expect(calls()).toHaveLength(16); // 8 tries × (read + write)
  });

  test('of one resource wait for each other', async () => {
    const { resource, calls } = await google();
    const roles = ['roles/a', 'roles/b', 'roles/c'];
    await Promise.all(roles.map((role) => resource(MEMBER).create({ ...NEWS, role })));
    expect(calls()).toEqual([GET, SET, GET, SET, GET, SET]);
  });

  test('that are refused say which permission it takes', async () => {
    const { resource } = await google({ [SET]: { status: 403 } });
    const create = resource(MEMBER).create(NEWS);
    await expect(create).rejects.toThrow('artifactregistry.repositories.setIamPolicy');
  });
});

describe('a binding', () => {
  const news = { repository: 'images', role: READER, members: ['user:B@x.org', 'user:a@x.org'] };

  test('has its members and no others, and changes them in place', async () => {
    const there = {
      etag: 'e',
      bindings: [{ role: READER, members: ['user:a@x.org', 'user:b@x.org'] }],
    };
    const { resource, asked } = await google({ [SET]: there });
    const { id, outputs } = await resource(BINDING).create(news);
    expect(id).toBe(`${REPOSITORY}/${READER}`);
    expect(asked[1]?.body).toMatchObject({ policy: { bindings: there.bindings } });
    expect(await resource(BINDING).diff(outputs, news)).toEqual({ changed: [], replaces: [] });
    const fewer = { ...news, members: ['user:a@x.org'] };
    const difference = await resource(BINDING).diff(outputs, fewer);
    expect(difference).toEqual({ changed: ['members'], replaces: [] });
  });

  test('that somebody emptied is there, with nobody in it', async () => {
    const { resource } = await google({ [GET]: { etag: 'e' } });
    const state = await resource(BINDING).read('id', news, { ...news, repository: REPOSITORY });
    expect(state?.outputs).toMatchObject({ role: READER, members: [] });
  });
});

test('rights in a project are asked for as Resource Manager wants it', async () => {
  const at = 'resourcemanager';
  const get = `POST cloud${at}/v1/projects/p:getIamPolicy`;
  const set = `POST cloud${at}/v1/projects/p:setIamPolicy`;
  const { resource, asked } = await scriptedGoogle({ [get]: { etag: 'e' }, [set]: { etag: 'f' } });
  const news = { project: 'p', role: 'projects/p/roles/r', member: 'allUsers' };
  const { id } = await resource('gcp:projects/iAMMember:IAMMember').create(news);
  expect(id).toBe('p/projects/p/roles/r/allUsers');
  expect(asked.map(({ body }) => body)).toEqual([
    { options: { requestedPolicyVersion: 3 } },
    {
      policy: {
        etag: 'e',
        version: 3,
        bindings: [{ role: 'projects/p/roles/r', members: ['allUsers'] }],
      },
      updateMask: 'bindings,etag,auditConfigs',
    },
  ]);
});

test('rights to a service account are asked for as IAM wants it', async () => {
  const account = 'projects/p/serviceAccounts/a@p.iam.gserviceaccount.com';
  const get = `POST iam/v1/${account}:getIamPolicy?options.requestedPolicyVersion=3`;
  const set = `POST iam/v1/${account}:setIamPolicy`;
  const { resource, calls } = await scriptedGoogle({ [get]: {}, [set]: {} });
  const type = resource('gcp:serviceaccount/iAMMember:IAMMember');
  const role = 'roles/iam.serviceAccountUser';
  const { id } = await type.create({ serviceAccountId: account, role, member: 'allUsers' });
  expect(id).toBe(`${account}/${role}/allUsers`);
  expect(calls()).toEqual([get, set]);
});

describe('policies', () => {
  const member = fc.constantFrom('allUsers', 'user:a@x.org', 'user:B@x.org', 'group:c@x.org');
  const condition = fc.constantFrom(undefined, { title: 't', expression: 'true' });
  const grant = fc.record({
    role: fc.constantFrom('roles/a', 'roles/b'),
    members: fc.uniqueArray(member, { minLength: 1 }),
    condition,
  });
  const policy = fc
    .array(grant)
    .map((grants) => grants.reduce<Properties>((all, one) => withMembers(all, one), { etag: 'e' }));

  test('granting is there afterwards, twice is once, and taking back leaves what others have', () => {
    fc.assert(
      fc.property(policy, grant, grant, (before, one, other) => {
        const granted = withMembers(before, one);
        const members = findBinding(granted, one)?.members;
        expect(members).toEqual(expect.arrayContaining(one.members.map(normalMember)));
        expect(withMembers(granted, one)).toEqual(granted);
        const back = withoutMembers(granted, one);
        const left = findBinding(back, one)?.members ?? [];
        for (const gone of one.members) expect(left).not.toContain(normalMember(gone));
        const isElsewhere = other.role !== one.role || other.condition !== one.condition;
        if (isElsewhere) expect(findBinding(back, other)).toEqual(findBinding(before, other));
        expect(findBinding(withBinding(before, { ...one, members: [] }), one)).toBeUndefined();
      }),
    );
  });
});
