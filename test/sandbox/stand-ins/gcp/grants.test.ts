import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
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
    await expect(create).rejects.toThrow(
      /^could not say who may use the repository .* artifactregistry\.repositories\.setIamPolicy /,
    );
    const unread = await google({ [GET]: { status: 403 } });
    await expect(unread.resource(MEMBER).create(NEWS)).rejects.toThrow(
      /^could not read who may use the repository .* artifactregistry\.repositories\.getIamPolicy /,
    );
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
