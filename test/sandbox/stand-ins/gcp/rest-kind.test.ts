import { describe, expect, test } from 'vitest';
import { UnfinishedError } from '../../../../infra/oci/protocol/unary.ts';
import {
  ACCOUNT,
  callsFor,
  google,
  GONE,
  JOB,
  made,
  POOL,
  PROVIDER,
  REPOSITORY,
  ROLE,
  type Sample,
} from './samples.ts';

const CONFLICT = { status: 409 };

const SAMPLES = [JOB, REPOSITORY, ACCOUNT, ROLE, POOL, PROVIDER];

describe.each<Sample>(SAMPLES)('$type', (sample) => {
  const { type, news, body, change, patch, replaces } = sample;
  const { id, ...calls } = callsFor(sample);

  test('is made by one request, and is the same in the next run', async () => {
    const { resource, sent, outputs, ...rest } = await made(sample);
    expect(rest.id).toBe(id);
    expect(sent).toContainEqual({ call: calls.create, body });
    expect(await resource.diff(outputs, news)).toEqual({ changed: [], replaces: [] });
  });

  test('changes in place, with a request that has the changes', async () => {
    const { resource, sent, outputs } = await made(sample);
    const difference = await resource.diff(outputs, { ...news, ...change });
    expect(difference).toMatchObject({ replaces: [] });
    await resource.update(id, outputs, { ...news, ...change });
    expect(sent).toContainEqual({ call: calls.patch, body: patch });
  });

  test('is replaced by one of another name', async () => {
    const { resource, outputs } = await made(sample);
    const difference = await resource.diff(outputs, { ...news, [replaces]: 'another' });
    expect(difference).toMatchObject({ replaces: [replaces] });
  });

  test('takes nothing that there is already', async () => {
    await expect(made(sample, { [calls.create]: CONFLICT, [calls.get]: GONE })).rejects.toThrow(
      'Error 409',
    );
  });

  test('is gone where Google says so, and only there', async () => {
    const gone = (await google(sample, { [calls.get]: GONE, [calls.remove]: GONE })).resource(type);
    expect(await gone.read(id)).toBeUndefined();
    await gone.delete(id);
    const no = { status: 403 };
    const refused = (await google(sample, { [calls.get]: no, [calls.remove]: no })).resource(type);
    await expect(refused.read(id)).rejects.toThrow(/^could not read the .*Error 403/);
    await expect(refused.delete(id)).rejects.toThrow(/^could not delete the .*Error 403/);
  });

  test('is imported by its id', async () => {
    const { resource } = await google(sample, { [calls.get]: sample.there });
    const state = await resource(type).read(id);
    expect(state).toMatchObject({ id, outputs: { deletionPolicy: 'DELETE' } });
    expect(state?.inputs).toHaveProperty(replaces, news[replaces]);
    await expect(resource(type).read('images')).rejects.toThrow('"images" is not an id of this');
  });
});

test('a job that is made and can not be resumed is left to the next run', async () => {
  const { id } = callsFor(JOB);
  const making = made(JOB, { [`POST cloudscheduler/v1/${id}:resume`]: { status: 403 } });
  await expect(making).rejects.toThrow(UnfinishedError);
});

test.each([POOL, PROVIDER])('of $type, one that others deleted is gone', async (sample) => {
  const { id, get } = callsFor(sample);
  const { resource } = await google(sample, { [get]: { ...sample.there, state: 'DELETED' } });
  expect(await resource(sample.type).read(id)).toBeUndefined();
});
