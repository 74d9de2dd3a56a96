import { expect, test } from 'vitest';
import { apiError, startApi } from './started-api.ts';

test('a project has a number, and an id of the right form', async () => {
  const { call } = await startApi();
  expect(await call('GET', 'v1/projects/ci-images')).toMatchObject({
    status: 200,
    body: {
      projectId: 'ci-images',
      projectNumber: expect.stringMatching(/^\d{12}$/) as unknown,
      lifecycleState: 'ACTIVE',
    },
  });
  for (const id of ['short', 'CI-images', '1-images', 'ci-images-']) {
    const answer = await call('GET', `v1/projects/${id}`);
    expect(answer).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
  }
});
