import { describe, expect, test } from 'vitest';
import { UnfinishedError } from '../../../../infra/oci/protocol/unary.ts';
import { UNKNOWN } from './scripted-google.ts';
import { AT, CREATE, google, ID, made, NEWS, TYPE } from './some-gcp-job.ts';

describe('create', () => {
  test('sends the whole job under its full name, then always says whether it is paused', async () => {
    const { resource, asked, calls } = await google();
    const { id, outputs } = await resource(TYPE).create(NEWS);
    expect(id).toBe(ID);
    expect(calls()).toEqual([CREATE, `POST ${AT}:resume`, `GET ${AT}`]);
    expect(asked[0]?.body).toEqual({
      ...NEWS,
      name: ID,
      timeZone: 'Etc/UTC',
      attemptDeadline: '180s',
    });
    expect(asked[1]?.body).toEqual({});
    expect(outputs).toMatchObject({
      name: 'refresh',
      region: 'europe-west4',
      state: 'ENABLED',
      paused: false,
      httpTarget: { headers: { Accept: 'text/plain' } },
    });
  });

  test('of a paused job pauses it', async () => {
    const { resource, calls } = await google();
    await resource(TYPE).create({ ...NEWS, paused: true });
    expect(calls()).toContain(`POST ${AT}:pause`);
  });

  test('that fails after the job was made leaves it to the next run, which finishes it', async () => {
    const { resource } = await google({ [`POST ${AT}:pause`]: { status: 403 } });
    const news = { ...NEWS, paused: true };
    const create = resource(TYPE).create(news);
    await expect(create).rejects.toThrow(UnfinishedError);
    const left = await create.catch((error: unknown) => error as UnfinishedError);
    expect(left).toMatchObject({ id: ID, outputs: { paused: false, state: 'ENABLED' } });
    const outputs = (left as UnfinishedError).outputs;
    const next = await google();
    await next.resource(TYPE).update(ID, outputs, news);
    expect(next.calls()).toContain(`POST ${AT}:pause`);
  });

  test('without a name makes one up, and keeps it', async () => {
    const { resource } = await google();
    const news = { ...NEWS, name: null };
    const first = await resource(TYPE, 'refresh').check(news);
    expect(first.inputs['name']).toMatch(/^refresh-[0-9a-f]{7}$/);
    const second = await resource(TYPE, 'refresh').check(news, first.inputs);
    expect(second.inputs).toEqual(first.inputs);
  });

  test('in a preview knows its state', async () => {
    const { resource } = await google();
    const { outputs } = await resource(TYPE).create({ ...NEWS, paused: true }, true);
    expect(outputs).toMatchObject({ state: 'PAUSED', paused: true, name: 'refresh' });
    const open = await resource(TYPE).create(NEWS, true);
    expect(open.outputs).toMatchObject({ state: UNKNOWN, paused: UNKNOWN });
  });
});

test('update sends the whole job without a mask, and pauses or resumes only on a change', async () => {
  const { resource, asked, calls } = await google();
  const outputs = await made();
  await resource(TYPE).update(ID, outputs, { ...NEWS, paused: false, description: 'new' });
  expect(calls()).toEqual([`PATCH ${AT}`, `GET ${AT}`]);
  expect(asked[0]?.body).toMatchObject({ description: 'new', schedule: '0 0 * * *' });
  expect(asked[0]?.body).not.toHaveProperty('paused');
  await resource(TYPE).update(ID, { ...outputs, paused: true }, { ...NEWS, paused: false });
  expect(calls()).toContain(`POST ${AT}:resume`);
});

test('read of a job that is gone, and delete of one, are well', async () => {
  const gone = { status: 404 };
  const { resource } = await google({ [`GET ${AT}`]: gone, [`DELETE ${AT}`]: gone });
  expect(await resource(TYPE).read(ID)).toBeUndefined();
  await resource(TYPE).delete(ID);
});

test.each([ID, 'ci-images/europe-west4/refresh', 'europe-west4/refresh', 'refresh'])(
  'an import of %s finds the job',
  async (id) => {
    const { resource } = await google();
    const state = await resource(TYPE).read(id);
    expect(state).toMatchObject({ id: ID, inputs: { name: 'refresh', schedule: '0 0 * * *' } });
  },
);
