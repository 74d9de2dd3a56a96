import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createGcpStandIn } from '../../../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';
import { parseId } from '../../../../infra/sandbox/stand-ins/gcp/import-id.ts';
import { installStandIn } from '../../../../infra/sandbox/stand-ins/install-stand-in.ts';

const SDK = 'node_modules/@pulumi/gcp';

test('every type has the name that the SDK asks for', () => {
  const { resources, version } = createGcpStandIn({});
  const { version: sdk } = JSON.parse(readFileSync(`${SDK}/package.json`, 'utf8')) as {
    version: string;
  };
  expect(version).toBe(sdk);
  for (const token of Object.keys(resources)) {
    const [, path = ''] = /^gcp:([^:]+):/.exec(token) ?? [];
    const [folder = '', name = ''] = path.split('/');
    const file = name.replace(/^iAM/, 'iam').replace('iamMember', 'iammember');
    const source = readFileSync(
      `${SDK}/${folder}/${file.replace('iamCustom', 'iamcustom')}.js`,
      'utf8',
    );
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

test('without a configuration there is an error, not a guess', async () => {
  const call = createGcpStandIn({}).functions?.[
    'gcp:organizations/getClientConfig:getClientConfig'
  ];
  expect(() => call?.({}, { signal: new AbortController().signal })).toThrow('not configured');
  await Promise.resolve();
});

test.each(['', 'a/b/c/d', 'p//r', 'a b'])('"%s" is not taken for an id', (id) => {
  const template = 'projects/{project}/things/{thing}';
  const names = ['project', 'thing'] as const;
  const parse = () => parseId(template, names, id, { project: 'p', region: 'r' });
  expect(parse).toThrow(`"${id}" is not an id of this type; write ${template}`);
});
