import { expect, test } from 'vitest';
import { KeylessIdentity } from '../../infra/components/keyless-identity.ts';
import { someSettings } from '../settings/some-settings.ts';
import { known } from '../support/fixtures.ts';
import { echo, failing, resourcesOf } from '../support/recording-mocks.ts';

const POOL = 'gcp:iam/workloadIdentityPool:WorkloadIdentityPool';
const PROVIDER = 'gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider';
const USER = 'gcp:serviceaccount/iAMMember:IAMMember';

const RESPOND = echo(
  POOL,
  PROVIDER,
  'gcp:serviceaccount/account:Account',
  USER,
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

test('the grants of a pool that fails are declared all the same, or the engine would delete them', async () => {
  const settings = someSettings({ gitlabProject: '7/42' });
  const identity = known(settings.identity);
  const resources = await resourcesOf(
    { ...RESPOND, ...failing(POOL) },
    () => new KeylessIdentity('pipelines', { ...settings, identity }),
  );
  const members = resources.all(USER).map(({ inputs }) => inputs['member']);
  const pool = `projects/${settings.project}/locations/global/workloadIdentityPools/kubernetes-ci-images`;
  expect(members).toEqual([
    `principalSet://iam.googleapis.com/${pool}/attribute.pipeline/gitlab-42`,
    `principalSet://iam.googleapis.com/${pool}/attribute.deployer/gitlab-42-protected`,
  ]);
});
