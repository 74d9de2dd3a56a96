import { describe, expect, test } from 'vitest';
import { structFromProperties } from '../../../../infra/oci/protocol/properties.ts';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { checkSettings, parseSettings } from '../../../../infra/sandbox/stand-ins/gcp/settings.ts';
import { scriptedGoogle, TOKEN } from './scripted-google.ts';

describe('the provider', () => {
  test('finds what the stack does not say in the environment, as the official one does', () => {
    const env = { GOOGLE_CLOUD_PROJECT: 'p', GOOGLE_REGION: 'r', GOOGLE_OAUTH_ACCESS_TOKEN: 't' };
    expect(parseSettings({}, env)).toMatchObject({ project: 'p', region: 'r', token: 't' });
    expect(parseSettings({ project: 'own' }, env)).toMatchObject({ project: 'own' });
  });

  test('without an access token says where to get one, and what it can not do', () => {
    expect(() => parseSettings({}, {})).toThrow(/gcloud auth print-access-token.*official plug-in/);
  });

  test('calls Google itself where no endpoint is set', () => {
    const { endpoints } = parseSettings({ accessToken: 't' }, {});
    expect(Object.values(endpoints)).toEqual([
      'https://artifactregistry.googleapis.com/v1/',
      'https://cloudscheduler.googleapis.com/v1/',
      'https://iam.googleapis.com/v1/',
      'https://cloudresourcemanager.googleapis.com/v1/',
      'https://serviceusage.googleapis.com/v1/',
    ]);
  });

  test('asks for accounts and roles where iamBetaCustomEndpoint says, then iamCustomEndpoint', () => {
    const own = { accessToken: 't', iamCustomEndpoint: 'http://a/v1/' };
    expect(parseSettings(own, {}).endpoints.iam).toBe('http://a/v1/');
    const both = { ...own, iamBetaCustomEndpoint: 'http://b/v1/' };
    expect(parseSettings(both, {}).endpoints.iam).toBe('http://b/v1/');
  });

  test.each([
    [undefined, undefined],
    ['90s', 90_000],
    ['1m30.5s', 90_500], // 60 s + 30.5 s
    ['250ms', 250],
  ])('waits for one try of a call as long as requestTimeout says: %s', (text, expected) => {
    const own = { accessToken: 't', ...(text !== undefined && { requestTimeout: text }) };
    expect(parseSettings(own, {}).requestTimeout).toBe(expected);
  });

  test.each<[string, Properties, readonly string[]]>([
    ['a key', { credentials: '{}' }, ['credentials']],
    ['another identity', { impersonateServiceAccount: 'a@b' }, ['impersonateServiceAccount']],
    ['no slash', { iamBetaCustomEndpoint: 'http://h/v1' }, ['iamBetaCustomEndpoint']],
    ['no version', { iamBetaCustomEndpoint: 'http://h/' }, ['iamBetaCustomEndpoint']],
    [
      'no slash for others',
      { cloudBuildCustomEndpoint: 'http://h/v1' },
      ['cloudBuildCustomEndpoint'],
    ],
    ['no address', { serviceUsageCustomEndpoint: 'h' }, ['serviceUsageCustomEndpoint']],
    ['labels that are none', { defaultLabels: '[1]' }, ['defaultLabels']],
    ['a patience without a unit', { requestTimeout: '90' }, ['requestTimeout']],
    ['no patience at all', { requestTimeout: '0s' }, ['requestTimeout']],
    ['what is well', { iamBetaCustomEndpoint: 'http://h:1/v1/', defaultLabels: '{"a":"b"}' }, []],
    ['what does not matter', { skipRegionValidation: 'true', zone: 'z' }, []],
    ['what is not known yet', { iamBetaCustomEndpoint: UNKNOWN, accessToken: UNKNOWN }, []],
  ])('refuses what it would have to ignore: %s', (_, news, properties) => {
    expect(checkSettings(news).map(({ property }) => property)).toEqual(properties);
  });

  test('takes a new token in the same run, and replaces nothing for any setting', async () => {
    const { plugin } = await scriptedGoogle({});
    const olds = { accessToken: 'old', project: 'p', version: '1' };
    const news = { accessToken: 'new', project: 'p', version: '2' };
    expect(plugin.diffConfig?.(olds, news)).toEqual({ changed: ['accessToken'] });
  });
});

test('getClientConfig tells the program as whom it works, the token as a secret', async () => {
  const { plugin } = await scriptedGoogle({}, { zone: 'z', defaultLabels: '{"a":"b"}' });
  const call = plugin.functions?.['gcp:organizations/getClientConfig:getClientConfig'];
  const outputs = await call?.({}, { signal: new AbortController().signal });
  expect(structFromProperties(outputs ?? {}).toJavaScript()).toEqual({
    accessToken: {
      '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
      value: TOKEN,
    },
    defaultLabels: { a: 'b' },
    id: 'projects/ci-images/regions/europe-west4/zones/z',
    project: 'ci-images',
    region: 'europe-west4',
    zone: 'z',
  });
});
