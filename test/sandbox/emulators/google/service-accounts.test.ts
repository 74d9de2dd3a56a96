import { describe, expect, test } from 'vitest';
import { apiError, startApi } from './started-api.ts';

const ACCOUNTS = 'v1/projects/ci-images/serviceAccounts';
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';

describe('service accounts', () => {
  test('are created, read, listed, changed, disabled and deleted', async () => {
    const { call } = await startApi();
    const texts = { displayName: 'Runner', description: 'Starts the weekly run' };
    const created = await call('POST', `${ACCOUNTS}?alt=json&prettyPrint=false`, {
      accountId: 'runner',
      serviceAccount: texts,
    });
    expect(created).toMatchObject({
      status: 200,
      body: {
        name: `projects/ci-images/serviceAccounts/${EMAIL}`,
        projectId: 'ci-images',
        email: EMAIL,
        uniqueId: expect.stringMatching(/^1\d{20}$/) as unknown,
        ...texts,
      },
    });
    expect(created.body).not.toHaveProperty('disabled');
    const one = `${ACCOUNTS}/${EMAIL}`;
    expect((await call('GET', one)).body).toEqual(created.body);
    expect((await call('GET', `v1/projects/-/serviceAccounts/${EMAIL}`)).body).toEqual(
      created.body,
    );
    expect((await call('GET', ACCOUNTS)).body).toEqual({ accounts: [created.body] });
    const patched = await call('PATCH', one, {
      serviceAccount: { displayName: 'Other', description: 'not in the mask' },
      updateMask: 'display_name',
    });
    expect(patched.body).toMatchObject({ ...texts, displayName: 'Other' });
    expect((await call('POST', `${one}:disable`, {})).body).toEqual({});
    expect((await call('GET', one)).body).toMatchObject({ disabled: true });
    expect((await call('POST', `${one}:enable`, {})).body).toEqual({});
    expect((await call('GET', one)).body).not.toHaveProperty('disabled');
    expect((await call('DELETE', one)).body).toEqual({});
    expect(await call('GET', one)).toMatchObject(apiError(404, 'NOT_FOUND'));
  });

  test('have one name each in a project', async () => {
    const { call } = await startApi();
    await call('POST', ACCOUNTS, { accountId: 'runner' });
    expect(await call('POST', ACCOUNTS, { accountId: 'runner' })).toMatchObject(
      apiError(409, 'ALREADY_EXISTS'),
    );
  });

  test.each([
    {},
    { accountId: 'short' },
    { accountId: 'x'.repeat(31) },
    { accountId: 'Runner' },
    { accountId: '1runner' },
    { accountId: 'runner-' },
    { accountId: 'runner', displayName: 'Runner' },
    { accountId: 'runner', serviceAccount: { displayName: 'x'.repeat(101) } },
    { accountId: 'runner', serviceAccount: { description: 'ü'.repeat(129) } },
  ])('are not created from %j', async (body) => {
    const { call } = await startApi();
    expect(await call('POST', ACCOUNTS, body)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    expect((await call('GET', ACCOUNTS)).body).toEqual({});
  });
});
