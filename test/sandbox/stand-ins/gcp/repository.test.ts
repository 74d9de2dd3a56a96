import { expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { callsFor, DONE, google, made, REPOSITORY } from './samples.ts';
import { UNKNOWN } from './scripted-google.ts';

const { id, create, get } = callsFor(REPOSITORY);
const { type, news: NEWS } = REPOSITORY;
const POLICIES = NEWS['cleanupPolicies'] as readonly Properties[];

test('the outputs are those of Google, with the labels by their owners', async () => {
  const { outputs, calls } = await made(REPOSITORY);
  expect(calls()).toEqual([create, get]);
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

test('an operation that is not done is waited for', async () => {
  const running = { ...DONE, done: false };
  const look = `GET artifactregistry/v1/${DONE.name}`;
  const { calls } = await made(REPOSITORY, { [create]: running, [look]: [running, DONE] });
  expect(calls()).toEqual([create, look, look, get]);
});

test('an operation that does not end is an error once the time is over', async () => {
  const running = { ...DONE, done: false };
  const look = `GET artifactregistry/v1/${DONE.name}`;
  const failure = made(REPOSITORY, { [create]: running, [look]: running });
  await expect(failure).rejects.toThrow(`timeout while waiting for operation ${DONE.name}`);
});

test('an operation that fails is an error in its words', async () => {
  const failed = { ...DONE, error: { code: 9, message: 'no quota for repositories' } };
  await expect(made(REPOSITORY, { [create]: failed })).rejects.toThrow(
    'could not create the repository: Error code 9, message: no quota for repositories',
  );
});

test.each<[string, Properties, readonly string[]]>([
  ['location', { location: 'us' }, ['location']],
  ['labels', { labels: { team: 'ci' } }, []],
  ['cleanupPolicies', { cleanupPolicies: POLICIES.slice(1) }, []],
  ['cleanupPolicies', { cleanupPolicies: UNKNOWN }, []],
])('a new %s %# is a difference', async (property, change, replaces) => {
  const { resource, outputs } = await made(REPOSITORY);
  const difference = await resource.diff(outputs, { ...NEWS, ...change });
  expect(difference).toEqual({ changed: [property], replaces });
});

test.each<[string, Properties, readonly string[]]>([
  ['labels of others', { theirs: 'x' }, []],
  ['one of ours that others changed', { team: 'x' }, ['labels']],
])('%s: the difference is %j', async (_, more, changed) => {
  const { resource, outputs } = await made(REPOSITORY);
  const labels = outputs['effectiveLabels'] as Properties;
  const state = { ...outputs, effectiveLabels: { ...labels, ...more } };
  expect(await resource.diff(state, NEWS)).toMatchObject({ changed });
});

test('another order of the policies is no difference', async () => {
  const { resource, outputs } = await made(REPOSITORY);
  const news = { ...NEWS, cleanupPolicies: POLICIES.toReversed() };
  expect(await resource.diff(outputs, news)).toMatchObject({ changed: [] });
});

test.each<[string, Properties, string]>([
  ['no id', { format: 'DOCKER' }, 'repositoryId'],
  ['a typo', { ...NEWS, desription: 'x' }, 'desription'],
  ['another mode', { ...NEWS, mode: 'REMOTE_REPOSITORY' }, 'mode'],
  [
    'a deletion policy that the stand-in does not have',
    { ...NEWS, deletionPolicy: 'PREVENT' },
    'deletionPolicy',
  ],
  ['a wrong type', { ...NEWS, labels: 'x' }, 'labels'],
])('check has a problem with %s', async (_, news, property) => {
  const { resource } = await google(REPOSITORY);
  expect(await resource(type).problems(news)).toEqual([property]);
});

test('labels that Google has, and an import did not know, are not sent', async () => {
  const { resource, outputs, calls } = await made(REPOSITORY);
  const before = calls().length;
  await resource.update(id, { ...outputs, labels: {} }, NEWS);
  expect(calls().slice(before)).toEqual([get]);
});
