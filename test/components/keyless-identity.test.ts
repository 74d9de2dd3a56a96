import { expect, test } from 'vitest';
import { KeylessIdentity } from '../../infra/components/keyless-identity.ts';
import { someSettings } from '../settings/some-settings.ts';
import { known } from '../support/fixtures.ts';
import { echo, resourcesOf } from '../support/recording-mocks.ts';

const POOL = 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool';
const PROVIDER = 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider';

const RESPOND = echo(
  POOL,
  PROVIDER,
  'gcp:serviceaccount/account:Account',
  'gcp:serviceaccount/iAMMember:IAMMember',
  'gcp:projects/iAMMember:IAMMember',
);

test.each([
  ['requests the keys of a host from the issuer', ''],
  ['has the keys of a GitLab that Google cannot reach', '{"keys":[{"kty":"RSA","kid":"one"}]}'],
])('a provider %s', async (_, jwksJson) => {
  const settings = someSettings({ gitlabProject: '7/42', gitlabKeys: jwksJson });
  const identity = known(settings.identity);
  const resources = await resourcesOf(
    RESPOND,
    () => new KeylessIdentity('pipelines', { ...settings, identity }),
  );
  const keys = jwksJson === '' ? {} : { jwksJson };
  expect(resources.only(PROVIDER).inputs['oidc']).toEqual({
    issuerUri: 'https://gitlab.com/',
    ...keys,
  });
});
