import pulumi from '@pulumi/pulumi';
import { expect, it } from 'vitest';
import { declareMirrors } from '../../infra/components/mirrors.ts';
import { registryAccess } from '../../infra/components/registry-access.ts';
import { digest } from '../retention/retention-fixture.ts';
import { someSettings } from '../settings/some-settings.ts';
import { echo, LOGIN, recordResources } from '../support/recording-mocks.ts';

const MIRROR = 'oci:index:Mirror';
const [NEW, OLD, SIGNATURE] = [digest('1'), digest('2'), digest('3')];
const TAG = 'c'.repeat(32);

it('an image has one resource for all of its mirrors, in the catalog or not, published or not', async () => {
  const settings = someSettings({ mirrors: ['quay.io/kubespray', '127.0.0.1:5000/x/y'] });
  const mocks = { ...echo('pulumi:providers:oci'), ...echo(MIRROR) };
  const recorded = await recordResources(mocks, { calls: LOGIN });
  const oci = await registryAccess(settings);
  const version = {
    ...{ reference: '', repository: 'images/a', digest: NEW, tag: TAG, aliases: ['latest', 'v13'] },
  };
  const nothing = { signature: pulumi.output(''), latest: pulumi.output('latest') };
  const published = new Map([
    [
      'a',
      {
        output: pulumi.output(version),
        latest: pulumi.output<string>(NEW),
        signature: pulumi.output<string>(SIGNATURE),
      },
    ],
    ['failed', { ...nothing, output: pulumi.output(undefined) }],
  ]);
  const branches = new Map([
    ['a', pulumi.output<Record<string, string>>({ 'release-1': OLD })],
    ['dropped', pulumi.output<Record<string, string>>({ main: OLD })],
  ]);
  declareMirrors({ ...settings, published, branches }, { provider: oci });
  await pulumi.runtime.disconnect();
  const found = recorded.filter(({ type }) => type === MIRROR);
  const inputsOf = (image: string, tags: object, signature?: string) => ({
    registry: 'europe-west4-docker.pkg.dev',
    repository: `some-project/images/${image}`,
    mirrors: [`quay.io/kubespray/${image}`, `127.0.0.1:5000/x/y/${image}`],
    tags,
    ...(signature !== undefined && { signature }),
  });
  expect(Object.fromEntries(found.map(({ name, inputs }) => [name, inputs]))).toEqual({
    'a-mirrors': inputsOf('a', { 'release-1': OLD, latest: NEW, v13: NEW, [TAG]: NEW }, SIGNATURE),
    'failed-mirrors': inputsOf('failed', {}, ''),
    'dropped-mirrors': inputsOf('dropped', { main: OLD }),
  });
});
