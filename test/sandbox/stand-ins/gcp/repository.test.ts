import { describe, expect, test } from 'vitest';
import { UNKNOWN } from './scripted-google.ts';
import { AT, CREATE, DONE, google, ID, made, NEWS, THERE, TYPE } from './some-gcp-repository.ts';

describe('create', () => {
  test('sends what the program wants in the form that Google wants, and reads what came of it', async () => {
    const { id, outputs, asked } = await made();
    expect(id).toBe(ID);
    expect(asked.map(({ call }) => call)).toEqual([CREATE, `GET ${AT}`]);
    expect(asked[0]?.body).toEqual({
      format: 'DOCKER',
      mode: 'STANDARD_REPOSITORY',
      labels: { team: 'ci', empty: '', 'goog-pulumi-provisioned': 'true' },
      cleanupPolicies: {
        keep: { action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
        delete: { action: 'DELETE', condition: { olderThan: '2592000s', tagState: 'ANY' } },
      },
    });
    expect(outputs).toMatchObject({
      name: 'images',
      project: 'ci-images',
      location: 'europe-west4',
      labels: { team: 'ci', empty: '' },
      pulumiLabels: { team: 'ci', empty: '', 'goog-pulumi-provisioned': 'true' },
      registryUri: 'europe-west4-docker.pkg.dev/ci-images/images',
      deletionPolicy: 'DELETE',
    });
  });

  test('waits for an operation that is not done', async () => {
    const running = { ...DONE, done: false };
    const look = `GET artifactregistry/v1/${DONE.name}`;
    const { resource, calls } = await google({ [CREATE]: running, [look]: [running, DONE] });
    await resource(TYPE).create(NEWS);
    expect(calls()).toEqual([CREATE, look, look, `GET ${AT}`]);
  });

  test('an operation that fails is an error in its words', async () => {
    const failed = { ...DONE, error: { code: 9, message: 'no quota for repositories' } };
    const { resource } = await google({ [CREATE]: failed });
    await expect(resource(TYPE).create(NEWS)).rejects.toThrow(
      `could not create the repository ${ID}: no quota for repositories (code 9); correct`,
    );
  });

  test('what is there already can be imported, and the error says how', async () => {
    const { resource } = await google({ [CREATE]: { status: 409 } });
    await expect(resource(TYPE, 'main').create(NEWS)).rejects.toThrow(
      `take over what is there by \`pulumi import\` with the id ${ID} (README.md`,
    );
  });

  test('what an earlier try has made is ours', async () => {
    const { resource } = await google({ [CREATE]: [{ status: 503 }, { status: 409 }] });
    expect((await resource(TYPE).create(NEWS)).id).toBe(ID);
  });

  test('a preview asks nobody, and knows what follows from the program', async () => {
    const { resource, calls } = await google({});
    const { outputs } = await resource(TYPE).create({ ...NEWS, description: UNKNOWN }, true);
    expect(outputs).toMatchObject({
      name: 'images',
      location: 'europe-west4',
      description: UNKNOWN,
      registryUri: UNKNOWN,
      createTime: UNKNOWN,
      effectiveLabels: { team: 'ci', 'goog-pulumi-provisioned': 'true' },
    });
    expect(calls()).toEqual([]);
  });
});

describe('update', () => {
  const patch = (mask: string) => `PATCH ${AT}?updateMask=${encodeURIComponent(mask)}`;

  test('names what changed in the mask and sends only that; what is empty is cleared', async () => {
    const { outputs } = await made();
    const mask = 'description,cleanupPolicies,cleanupPolicyDryRun,labels';
    const { resource, asked } = await google({ [patch(mask)]: THERE });
    const news = { repositoryId: 'images', format: 'DOCKER', description: 'new' };
    const was = { ...outputs, cleanupPolicyDryRun: true };
    await resource(TYPE).update(ID, was, news);
    expect(asked[0]).toMatchObject({
      call: patch(mask),
      body: { description: 'new', labels: { 'goog-pulumi-provisioned': 'true' } },
    });
    expect(Object.keys(asked[0]?.body ?? {})).toEqual(['description', 'labels']);
  });

  test('of the deletion policy alone asks nobody', async () => {
    const { outputs } = await made();
    const { resource, calls } = await google({});
    const news = { ...NEWS, deletionPolicy: 'ABANDON' };
    const updated = await resource(TYPE).update(ID, outputs, news);
    expect(updated).toEqual({ ...outputs, deletionPolicy: 'ABANDON' });
    expect(calls()).toEqual([]);
  });
});

describe('read', () => {
  test('404 is gone, anything else an error', async () => {
    const gone = await google({ [`GET ${AT}`]: { status: 404 } });
    expect(await gone.resource(TYPE).read(ID)).toBeUndefined();
    const refused = await google({ [`GET ${AT}`]: { status: 403 } });
    await expect(refused.resource(TYPE).read(ID)).rejects.toThrow(
      /could not read the repository .*artifactregistry\.repositories\.get /,
    );
  });

  test.each([ID, 'ci-images/europe-west4/images', 'europe-west4/images', 'images'])(
    'an import of %s finds all of it',
    async (id) => {
      const { resource } = await google({});
      const state = await resource(TYPE).read(id);
      expect(state?.id).toBe(ID);
      expect(state?.inputs).toMatchObject({ repositoryId: 'images', format: 'DOCKER' });
    },
  );

  test('a refresh keeps the inputs that still say what is there, and takes the rest from there', async () => {
    const there = { ...THERE, description: 'theirs' };
    const { resource } = await google({ [`GET ${AT}`]: there });
    const inputs = { ...NEWS, description: 'ours' };
    const state = await resource(TYPE).read(ID, inputs, { labels: { team: 'ci', empty: '' } });
    expect(state?.inputs).toEqual({ ...NEWS, description: 'theirs' });
  });
});

describe('delete', () => {
  test('of what is gone already is well', async () => {
    const { resource } = await google({ [`DELETE ${AT}`]: { status: 404 } });
    await resource(TYPE).delete(ID);
  });

  test('is refused, or not done, where the deletion policy says so', async () => {
    const { resource, calls } = await google({});
    const prevented = resource(TYPE).delete(ID, { deletionPolicy: 'PREVENT' });
    await expect(prevented).rejects.toThrow(`${ID} must not be deleted`);
    await resource(TYPE).delete(ID, { deletionPolicy: 'ABANDON' });
    expect(calls()).toEqual([]);
  });
});
