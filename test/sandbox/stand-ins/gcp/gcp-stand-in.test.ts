import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { structFromProperties } from '../../../../infra/oci/protocol/properties.ts';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { createGcpStandIn } from '../../../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';
import { checkSettings, parseSettings } from '../../../../infra/sandbox/stand-ins/gcp/settings.ts';
import { scriptedGoogle, TOKEN } from './scripted-google.ts';

const SDK = 'node_modules/@pulumi/gcp';
const CLIENT_CONFIG = 'gcp:organizations/getClientConfig:getClientConfig';

test('every type has the name that the SDK asks for', () => {
  const { resources } = createGcpStandIn({});
  for (const token of Object.keys(resources)) {
    const [, path = ''] = /^gcp:([^:]+):/.exec(token) ?? [];
    const file = path.replace('iAMMember', 'iammember').replace('iAMCustom', 'iamcustom');
    const source = readFileSync(`${SDK}/${file}.js`, 'utf8');
    expect(source).toContain(`__pulumiType = '${token}'`);
  }
});

describe('the settings', () => {
  test('take the access token of the environment, as the official plug-in does', async () => {
    const env = { GOOGLE_OAUTH_ACCESS_TOKEN: 'theirs' };
    expect(await parseSettings({}, env).token()).toBe('theirs');
    expect(await parseSettings({ accessToken: 'own' }, env).token()).toBe('own');
    expect(() => parseSettings({}, {})).toThrow(/gcloud auth print-access-token.*official plug-in/);
  });

  test.each<[string, Properties]>([
    ['https://iam.googleapis.com/v1/', {}],
    ['http://b/v1/', { iamBetaCustomEndpoint: 'http://b/v1/' }],
  ])('have the address %s of IAM by %j', (address, settings) => {
    const { endpoint, timeout } = parseSettings({ accessToken: 't', ...settings }, {});
    expect(endpoint('iam')).toBe(address);
    expect(timeout).toBe(120_000);
  });

  test.each<[string, Properties, readonly string[]]>([
    ['a key', { credentials: '{}' }, ['credentials']],
    ['another identity', { impersonateServiceAccount: 'a@b' }, ['impersonateServiceAccount']],
    ['nothing', { iamBetaCustomEndpoint: 'http://h:1/v1/', requestTimeout: '90s' }, []],
    [
      'an empty one, as the official plug-in has',
      { accessToken: '', zone: '' },
      ['accessToken', 'zone'],
    ],
    ['what does not matter', { skipRegionValidation: 'true', zone: 'z' }, []],
  ])('have problems: %s', (_, news, properties) => {
    expect(checkSettings(news).map(({ property }) => property)).toEqual(properties);
  });

  test('take a new token in the same run, and replace nothing', async () => {
    const { plugin } = await scriptedGoogle({});
    const olds = { accessToken: 'old', project: 'p', version: '1' };
    const news = { accessToken: 'new', project: 'p', version: '2' };
    expect(plugin.diffConfig?.(olds, news)).toEqual({ changed: ['accessToken'] });
  });
});

test('getClientConfig returns who the provider works as, the token as a secret', async () => {
  const { plugin } = await scriptedGoogle({}, { zone: 'z' });
  const call = plugin.functions?.[CLIENT_CONFIG];
  const outputs = await call?.({}, { signal: new AbortController().signal });
  expect(structFromProperties(outputs ?? {}).toJavaScript()).toEqual({
    accessToken: {
      '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
      value: TOKEN,
    },
    defaultLabels: {},
    id: 'projects/ci-images/regions/europe-west4/zones/z',
    project: 'ci-images',
    region: 'europe-west4',
    zone: 'z',
  });
});

test('getRepository returns the labels of a repository, or fails in the words of the official plug-in', async () => {
  const path = 'projects/ci-images/locations/l/repositories/images';
  const { plugin } = await scriptedGoogle({
    [`GET artifactregistry/v1/${path}`]: [{ labels: { owner: 'us' } }, { status: 404 }],
  });
  const get = () =>
    plugin.functions?.['gcp:artifactregistry/getRepository:getRepository']?.(
      { location: 'l', repositoryId: 'images' },
      { signal: new AbortController().signal },
    );
  expect(await get()).toMatchObject({ effectiveLabels: { owner: 'us' } });
  await expect(get()).rejects.toThrow(`${path} not found`);
});
