import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builderEnvironment } from '../../infra/pipeline/builder-environment.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const ENV = { PATH: '/bin', DOCKER_HOST: 'tcp://docker:2376', DOCKER_CERT_PATH: '/certs/client' };

function checkoutWith(...lines: readonly string[]): string {
  const root = temporaryFolder();
  copyFileSync('Pulumi.yaml', join(root, 'Pulumi.yaml'));
  const config = ['gcp:project: some-project', 'gcp:region: europe-west4', ...lines];
  const text = ['config:', ...config.map((line) => `  ${line}`), ''].join('\n');
  writeFileSync(join(root, 'Pulumi.prod.yaml'), text);
  return root;
}

const REPOSITORY = 'kubernetes-ci-images:repositoryId: images';

test('the engine of a stack with builders is led to no other Docker Engine', () => {
  const builders = 'kubernetes-ci-images:builders: [{ name: near, platforms: [linux/amd64] }]';
  const env = builderEnvironment(checkoutWith(REPOSITORY, builders), 'prod', ENV);
  expect(env).toMatchObject({ PATH: '/bin', DOCKER_HOST: undefined, DOCKER_CERT_PATH: undefined });
});

test.each([[[REPOSITORY]], [['kubernetes-ci-images:builders: none']]])(
  'any other keeps its environment: %j',
  (lines) => {
    expect(builderEnvironment(checkoutWith(...lines), 'prod', ENV)).toBe(ENV);
  },
);
