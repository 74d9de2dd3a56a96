import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Properties, PropertyValue } from '../../../../infra/oci/protocol/resource-type.ts';
import { samePolicies } from '../../../../infra/sandbox/stand-ins/gcp/cleanup-policies.ts';
import { UNKNOWN } from './scripted-google.ts';
import { google, made, NEWS, TYPE } from './some-gcp-repository.ts';

describe('diff', () => {
  test('there is none after a create, whatever Google writes differently', async () => {
    const { resource, outputs } = await made();
    expect(await resource(TYPE).diff(outputs, NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test.each<[string, Properties, readonly string[]]>([
    ['repositoryId', { repositoryId: 'other' }, ['repositoryId']],
    ['format', { format: 'NPM' }, ['format']],
    ['location', { location: 'us' }, ['location']],
    ['project', { project: 'other' }, ['project']],
    ['kmsKeyName', { kmsKeyName: 'k' }, ['kmsKeyName']],
    ['description', { description: 'new' }, []],
    ['labels', { labels: { team: 'ci' } }, []],
    ['cleanupPolicyDryRun', { cleanupPolicyDryRun: true }, []],
    ['cleanupPolicies', { cleanupPolicies: [] }, []],
    ['dockerConfig', { dockerConfig: { immutableTags: true } }, []],
    ['deletionPolicy', { deletionPolicy: 'PREVENT' }, []],
    ['cleanupPolicies', { cleanupPolicies: UNKNOWN }, []],
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
  ['no mode', { ...NEWS, mode: 'x' }, 'mode'],
  ['a wrong type', { ...NEWS, labels: 'x' }, 'labels'],
  ['one id twice', { ...NEWS, cleanupPolicies: [{ id: 'a' }, { id: 'a' }] }, 'cleanupPolicies'],
  [
    'no duration',
    { ...NEWS, cleanupPolicies: [{ id: 'a', condition: { olderThan: '1 week' } }] },
    'cleanupPolicies',
  ],
])('check refuses %s', async (_, news, property) => {
  const { resource } = await google({});
  const { failures } = await resource(TYPE).check(news);
  expect(failures.map((failure) => failure.property)).toEqual([property]);
});

test('the order of policies and the unit of a duration mean nothing', () => {
  const days = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
  const orders = days.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  const policy = (age: number, olderThan: string): PropertyValue => ({
    id: `older-${age}`,
    action: 'DELETE',
    condition: { olderThan },
  });
  fc.assert(
    fc.property(orders, ([one, other]) => {
      const inDays = one.map((age) => policy(age, `${age}d`));
      const inSeconds = other.map((age) => policy(age, `${age * 86_400}s`));
      expect(samePolicies(inDays, inSeconds)).toBe(true);
      expect(samePolicies(inDays, inSeconds.slice(1))).toBe(false);
    }),
  );
});
