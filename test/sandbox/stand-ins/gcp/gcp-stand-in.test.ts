import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { structFromProperties } from '../../../../infra/oci/protocol/properties.ts';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { createGcpStandIn } from '../../../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';
import { checkSettings, parseSettings } from '../../../../infra/sandbox/stand-ins/gcp/settings.ts';
import { installStandIn } from '../../../../infra/sandbox/stand-ins/install-stand-in.ts';
import { scriptedGoogle, TOKEN } from './scripted-google.ts';

const SDK = 'node_modules/@pulumi/gcp';
const CLIENT_CONFIG = 'gcp:organizations/getClientConfig:getClientConfig';

test('every type has the name that the SDK asks for', () => {
  const { resources, version } = createGcpStandIn({});
  const { version: sdk } = JSON.parse(readFileSync(`${SDK}/package.json`, 'utf8')) as {
    version: string;
  };
  expect(version).toBe(sdk);
  for (const token of Object.keys(resources)) {
    const [, path = ''] = /^gcp:([^:]+):/.exec(token) ?? [];
    const file = path.replace('iAMMember', 'iammember').replace('iAMCustom', 'iamcustom');
    const source = readFileSync(`${SDK}/${file}.js`, 'utf8');
    expect(source).toContain(`__pulumiType = '${token}'`);
  }
});

test('the stand-in lands where the engine looks for the plug-in', () => {
  const home = mkdtempSync(join(tmpdir(), 'pulumi-home-'));
  onTestFinished(() => {
    rmSync(home, { recursive: true });
  });
  installStandIn(home, 'resource-gcp', '9.37.0');
  const path = join(home, 'plugins/resource-gcp-v9.37.0/pulumi-resource-gcp');
  expect(realpathSync(path)).toMatch(/infra\/sandbox\/stand-ins\/gcp\/pulumi-resource-gcp$/);
});

describe('the settings', () => {
  test('are completed from the environment, as the official plug-in does', () => {
    const env = { GOOGLE_CLOUD_PROJECT: 'p', GOOGLE_REGION: 'r', GOOGLE_OAUTH_ACCESS_TOKEN: 't' };
    expect(parseSettings({}, env)).toMatchObject({ project: 'p', region: 'r', token: 't' });
    expect(parseSettings({ project: 'own' }, env)).toMatchObject({ project: 'own' });
  });

  test('without an access token say where to get one, and who needs none', () => {
    expect(() => parseSettings({}, {})).toThrow(/gcloud auth print-access-token.*official plug-in/);
  });

  test.each<[string, string, Properties]>([
    ['Google itself', 'https://iam.googleapis.com/v1/', {}],
    ['iamCustomEndpoint', 'http://a/v1/', { iamCustomEndpoint: 'http://a/v1/' }],
    [
      'iamBetaCustomEndpoint first',
      'http://b/v1/',
      { iamCustomEndpoint: 'http://a/v1/', iamBetaCustomEndpoint: 'http://b/v1/' },
    ],
  ])('have the address of IAM by %s', (_, address, settings) => {
    const { endpoint } = parseSettings({ accessToken: 't', ...settings }, {});
    expect(endpoint('iam')).toBe(address);
  });

  test.each([
    ['', undefined],
    ['90s', 90_000],
    ['1m30.5s', 90_500], // 60 s + 30.5 s
    ['250ms', 250],
  ])('have a time for one try: %s', (requestTimeout, expected) => {
    const settings = parseSettings({ accessToken: 't', requestTimeout }, {});
    expect(settings.requestTimeout).toBe(expected);
  });

  test.each<[string, Properties, readonly string[]]>([
    ['a key', { credentials: '{}' }, ['credentials']],
    ['another identity', { impersonateServiceAccount: 'a@b' }, ['impersonateServiceAccount']],
    ['no slash', { iamBetaCustomEndpoint: 'http://h/v1' }, ['iamBetaCustomEndpoint']],
    ['no version', { iamBetaCustomEndpoint: 'http://h/' }, ['iamBetaCustomEndpoint']],
    ['no address', { serviceUsageCustomEndpoint: 'h' }, ['serviceUsageCustomEndpoint']],
    ['of another API', { cloudBuildCustomEndpoint: 'http://h/v1' }, ['cloudBuildCustomEndpoint']],
    ['labels that are none', { defaultLabels: '[1]' }, ['defaultLabels']],
    ['a time without a unit', { requestTimeout: '90' }, ['requestTimeout']],
    ['no time at all', { requestTimeout: '0s' }, ['requestTimeout']],
    ['nothing', { iamBetaCustomEndpoint: 'http://h:1/v1/', defaultLabels: '{"a":"b"}' }, []],
    ['what does not matter', { skipRegionValidation: 'true', zone: 'z' }, []],
    ['unknown values', { iamBetaCustomEndpoint: UNKNOWN, accessToken: UNKNOWN }, []],
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
  const { plugin } = await scriptedGoogle({}, { zone: 'z', defaultLabels: '{"a":"b"}' });
  const call = plugin.functions?.[CLIENT_CONFIG];
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
