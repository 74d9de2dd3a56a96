import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { googleCredentials, pulumiHomeOf } from '../../infra/pipeline/prepare-environment.ts';
import { InvalidInputError } from '../../src/problem.ts';

const PROVIDER = 'projects/123/locations/global/workloadIdentityPools/ci/providers/gitlab';
const ACCOUNT = 'image-publisher@my-project.iam.gserviceaccount.com';
const ON_GITLAB = {
  GOOGLE_WORKLOAD_IDENTITY_PROVIDER: PROVIDER,
  GOOGLE_SERVICE_ACCOUNT: ACCOUNT,
  GOOGLE_ID_TOKEN: 'eyJ.tok.en',
};
const ON_GITHUB = {
  ...ON_GITLAB,
  GOOGLE_ID_TOKEN: '',
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test/?api-version=2',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
};

test('there are no credentials where no provider is set', () => {
  expect(googleCredentials({ GOOGLE_ID_TOKEN: 'x' })).toBeUndefined();
});

test("a job's token is exchanged for the rights of the account, and is in no file", () => {
  expect(googleCredentials(ON_GITLAB)).toEqual({
    type: 'external_account',
    audience: `//iam.googleapis.com/${PROVIDER}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
    credential_source: { executable: { command: 'ci-images-identity-token' } },
  });
  expect(googleCredentials(ON_GITHUB)).toEqual(googleCredentials(ON_GITLAB));
});

test.each<[NodeJS.ProcessEnv, readonly string[]]>([
  [
    { GOOGLE_WORKLOAD_IDENTITY_PROVIDER: 'ci' },
    ['GOOGLE_PROVIDER_INVALID', 'GOOGLE_ACCOUNT_INVALID', 'GOOGLE_TOKEN_MISSING'],
  ],
  [{ ...ON_GITLAB, GOOGLE_SERVICE_ACCOUNT: '' }, ['GOOGLE_ACCOUNT_INVALID']],
  [{ ...ON_GITLAB, GOOGLE_SERVICE_ACCOUNT: 'someone@example.com' }, ['GOOGLE_ACCOUNT_INVALID']],
  [{ ...ON_GITLAB, GOOGLE_SERVICE_ACCOUNT: `${ACCOUNT}/x` }, ['GOOGLE_ACCOUNT_INVALID']],
  [{ ...ON_GITLAB, GOOGLE_PUSHER: 'me' }, ['GOOGLE_ACCOUNT_INVALID']],
])('%o has all its problems reported at once', (env, codes) => {
  try {
    googleCredentials(env);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).problems.map(({ code }) => code)).toEqual(codes);
  }
});

test.each([
  ['the one that is set', { PULUMI_HOME: '/set', GOOGLE_WORKLOAD_IDENTITY_PROVIDER: 'x' }, '/set'],
  [
    "the run's own, with an identity",
    { GOOGLE_WORKLOAD_IDENTITY_PROVIDER: 'x' },
    '/run/pulumi-home',
  ],
  ["the user's, without", {}, join(homedir(), '.pulumi')],
])("the engine's home folder is %s", (_, env, home) => {
  expect(pulumiHomeOf(env, '/run')).toBe(home);
});
