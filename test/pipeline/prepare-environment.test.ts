import { expect, test } from 'vitest';
import { googleCredentials } from '../../infra/pipeline/prepare-environment.ts';
import { InvalidInputError } from '../../src/problem.ts';

const PROVIDER = 'projects/123/locations/global/workloadIdentityPools/ci/providers/gitlab';
const ACCOUNT = 'image-publisher@my-project.iam.gserviceaccount.com';
const ON_GITLAB = {
  GOOGLE_WORKLOAD_IDENTITY_PROVIDER: PROVIDER,
  GOOGLE_SERVICE_ACCOUNT: ACCOUNT,
  GOOGLE_ID_TOKEN: 'eyJ.tok.en',
};

function files(env: NodeJS.ProcessEnv) {
  const found = googleCredentials(env, '/somewhere');
  return { ...found, credentials: JSON.parse(found?.['credentials.json'] ?? '') as unknown };
}

test('there are no credentials where no provider is set', () => {
  expect(googleCredentials({ GOOGLE_ID_TOKEN: 'x' }, '/somewhere')).toBeUndefined();
});

test("GitLab's token is exchanged from a file, for the rights of the account", () => {
  const { token, credentials } = files(ON_GITLAB);
  expect(token).toBe('eyJ.tok.en');
  expect(credentials).toEqual({
    type: 'external_account',
    audience: `//iam.googleapis.com/${PROVIDER}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`,
    credential_source: { file: '/somewhere/token' },
  });
  expect(JSON.stringify(credentials)).not.toContain('eyJ');
});

test("GitHub's token is requested when it is needed, for the provider's audience", () => {
  const { credentials } = files({
    ...ON_GITLAB,
    GOOGLE_ID_TOKEN: '',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test/?api-version=2',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
  });
  expect(credentials).toHaveProperty('credential_source', {
    url: `https://token.test/?api-version=2&audience=${encodeURIComponent(`https://iam.googleapis.com/${PROVIDER}`)}`,
    headers: { Authorization: 'Bearer bearer' },
    format: { type: 'json', subject_token_field_name: 'value' },
  });
});

test.each<[NodeJS.ProcessEnv, readonly string[]]>([
  [
    { GOOGLE_WORKLOAD_IDENTITY_PROVIDER: 'ci' },
    ['GOOGLE_PROVIDER_INVALID', 'GOOGLE_ACCOUNT_INVALID', 'GOOGLE_TOKEN_MISSING'],
  ],
  [{ ...ON_GITLAB, GOOGLE_SERVICE_ACCOUNT: '' }, ['GOOGLE_ACCOUNT_INVALID']],
  [{ ...ON_GITLAB, GOOGLE_SERVICE_ACCOUNT: 'someone@example.com' }, ['GOOGLE_ACCOUNT_INVALID']],
  [{ ...ON_GITLAB, GOOGLE_SERVICE_ACCOUNT: `${ACCOUNT}/x` }, ['GOOGLE_ACCOUNT_INVALID']],
])('%o has all its problems reported at once', (env, codes) => {
  try {
    googleCredentials(env, '/somewhere');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).problems.map(({ code }) => code)).toEqual(codes);
  }
});
