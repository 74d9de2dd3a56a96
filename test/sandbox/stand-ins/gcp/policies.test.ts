import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import {
  findBinding,
  normalMember,
  withBinding,
  withMembers,
  withoutMembers,
} from '../../../../infra/sandbox/stand-ins/gcp/policy.ts';
import { scriptedGoogle } from './scripted-google.ts';

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
