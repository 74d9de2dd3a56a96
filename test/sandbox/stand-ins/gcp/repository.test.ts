import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { UNKNOWN } from './scripted-google.ts';
import { AT, CREATE, DONE, google, ID, NEWS, THERE, TYPE } from './some-gcp-repository.ts';

const POLICIES = NEWS['cleanupPolicies'] as readonly Properties[];

/** The outputs after a first run, and the requests of it. */
async function made(settings?: Properties) {
  const script = await google({}, settings);
  const { id, outputs } = await script.resource(TYPE).create(NEWS);
  return { ...script, id, outputs };
}

describe('create', () => {
  test('sends the inputs as Google expects them, and reads the result', async () => {
    const { id, outputs, calls, sent } = await made();
    expect(id).toBe(ID);
    expect(calls()).toEqual([CREATE, `GET ${AT}`]);
    expect(sent[0]?.body).toEqual({
      format: 'DOCKER',
      mode: 'STANDARD_REPOSITORY',
      labels: { team: 'ci', empty: '', 'goog-pulumi-provisioned': 'true' },
      cleanupPolicies: {
        keep: { action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
        delete: { action: 'DELETE', condition: { olderThan: '2592000s', tagState: 'TAGGED' } },
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

  test.each<[Properties, Properties]>([
    [{ defaultLabels: '{"by":"us"}' }, { by: 'us', 'goog-pulumi-provisioned': 'true' }],
    [{ addPulumiAttributionLabel: 'false' }, {}],
  ])('sends the labels of the settings %j', async (settings, labels) => {
    const { sent } = await made(settings);
    const body = { labels: { team: 'ci', empty: '', ...labels } };
    expect(sent[0]?.body).toEqual(expect.objectContaining(body));
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

  test('a preview sends nothing, and knows what follows from the program', async () => {
    const { resource, calls } = await google();
    const { outputs } = await resource(TYPE).create({ ...NEWS, description: UNKNOWN }, true);
    expect(outputs).toMatchObject({
      location: 'europe-west4',
      description: UNKNOWN,
      registryUri: UNKNOWN,
      createTime: UNKNOWN,
      effectiveLabels: { team: 'ci', 'goog-pulumi-provisioned': 'true' },
    });
    expect(calls()).toEqual([]);
  });
});

describe('diff', () => {
  test('there is none after a create, and none for another order of the policies', async () => {
    const { resource, outputs } = await made();
    const same = { changed: [], replaces: [] };
    expect(await resource(TYPE).diff(outputs, NEWS)).toEqual(same);
    const cleanupPolicies = POLICIES.toReversed();
    expect(await resource(TYPE).diff(outputs, { ...NEWS, cleanupPolicies })).toEqual(same);
  });

  test.each<[string, Properties, readonly string[]]>([
    ['repositoryId', { repositoryId: 'other' }, ['repositoryId']],
    ['location', { location: 'us' }, ['location']],
    ['description', { description: 'new' }, []],
    ['labels', { labels: { team: 'ci' } }, []],
    ['cleanupPolicyDryRun', { cleanupPolicyDryRun: true }, []],
    ['cleanupPolicies', { cleanupPolicies: POLICIES.slice(1) }, []],
    ['cleanupPolicies', { cleanupPolicies: UNKNOWN }, []],
    ['deletionPolicy', { deletionPolicy: 'PREVENT' }, []],
  ])('a new %s %# replaces where no update can do it', async (property, change, replaces) => {
    const { resource, outputs } = await made();
    const news = { ...NEWS, ...change };
    expect(await resource(TYPE).diff(outputs, news)).toEqual({ changed: [property], replaces });
  });

  test('labels of others are left alone; one of ours that others changed is not', async () => {
    const { resource, outputs } = await made();
    const labels = outputs['effectiveLabels'] as Properties;
    const theirs = { ...outputs, effectiveLabels: { ...labels, theirs: 'x' } };
    expect(await resource(TYPE).diff(theirs, NEWS)).toMatchObject({ changed: [] });
    const ours = { ...outputs, effectiveLabels: { ...labels, team: 'x' } };
    expect(await resource(TYPE).diff(ours, NEWS)).toMatchObject({ changed: ['labels'] });
  });
});

test.each<[string, Properties, string]>([
  ['no id', { format: 'DOCKER' }, 'repositoryId'],
  ['a typo', { ...NEWS, desription: 'x' }, 'desription'],
  ['another mode', { ...NEWS, mode: 'REMOTE_REPOSITORY' }, 'mode'],
  ['a wrong type', { ...NEWS, labels: 'x' }, 'labels'],
])('check has a problem with %s', async (_, news, property) => {
  const { resource } = await google();
  expect(await resource(TYPE).problems(news)).toEqual([property]);
});

test('update names the changes in the mask and sends only them; empty values are cleared', async () => {
  const { outputs } = await made();
  const mask = encodeURIComponent('description,cleanupPolicies,cleanupPolicyDryRun,labels');
  const call = `PATCH ${AT}?updateMask=${mask}`;
  const { resource, sent } = await google({ [call]: THERE });
  const news = { repositoryId: 'images', format: 'DOCKER', description: 'new' };
  await resource(TYPE).update(ID, { ...outputs, cleanupPolicyDryRun: true }, news);
  const labels = { 'goog-pulumi-provisioned': 'true' };
  expect(sent[0]).toEqual({ call, body: { description: 'new', labels } });
});

test('a refresh keeps the inputs that still say what is there, and takes the others from there', async () => {
  const there = { ...THERE, description: 'theirs' };
  const { resource } = await google({ [`GET ${AT}`]: there });
  const inputs = { ...NEWS, description: 'ours' };
  const state = await resource(TYPE).read(ID, inputs, { labels: { team: 'ci', empty: '' } });
  expect(state?.inputs).toEqual({ ...NEWS, description: 'theirs' });
});

test('delete does nothing, or is refused, where the deletion policy says so', async () => {
  const { resource, calls } = await google();
  const prevented = resource(TYPE).delete(ID, { deletionPolicy: 'PREVENT' });
  await expect(prevented).rejects.toThrow(`${ID} must not be deleted`);
  await resource(TYPE).delete(ID, { deletionPolicy: 'ABANDON' });
  expect(calls()).toEqual([]);
});

test('labels that Google has, and an import did not know, are not sent', async () => {
  const { resource, outputs, calls } = await made();
  const before = calls().length;
  await resource(TYPE).update(ID, { ...outputs, labels: {} }, NEWS);
  expect(calls().slice(before)).toEqual([`GET ${AT}`]);
});
