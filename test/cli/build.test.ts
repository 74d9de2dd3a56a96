import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';

test('build names the image that was meant, and the platforms that there are', async () => {
  const root = checkout({});
  const misspelled = await printedBy(root, 'build', 'debian-21');
  expect(misspelled.status).toBe(1);
  expect(misspelled.stderr).toMatch(/UNKNOWN_IMAGE\n.*"debian-21"; did you mean debian-12\?/);
  const foreign = await printedBy(root, 'build', 'debian-12', '--platform', 'linux/s390x');
  expect(foreign.status).toBe(1);
  expect(foreign.stderr).toMatch(/UNKNOWN_PLATFORM\n.*not for linux\/s390x; .*linux\/amd64/);
});

test.each([
  [['build'], "missing required argument 'name'"],
  ...['0', '1.5', '86401'].map((text): [string[], string] => [
    ['build', 'a', '--timeout', text],
    'whole seconds, at most a day',
  ]),
  ...['0', '-1', '1e9', '1001', 'ten'].map((text): [string[], string] => [
    ['build', 'a', '--space', text],
    'gigabytes, more than 0 and at most 1000',
  ]),
])('the wrong command line %j ends with code 2', async (args, message) => {
  const { status, stderr } = await printedBy(checkout({}), ...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

test('without a Docker client, build says what to install', async () => {
  vi.stubEnv('DOCKER_CLI', '/nowhere/docker');
  const { status, stderr } = await printedBy(checkout({}), 'build', 'debian-12');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^MISSING_PROGRAM {2}the Docker client can't be started: .*; install it/);
});

test('build-changes wants to be told what', async () => {
  const { status, stderr } = await printedBy(checkout({}), 'build-changes');
  expect(status).toBe(1);
  expect(stderr).toMatch(/NOTHING_NAMED\n.*--preview, or a revision with --against/);
});

test('where a preview builds nothing, build-changes asks neither Docker nor the catalog', async () => {
  vi.stubEnv('DOCKER_CLI', '/nowhere/docker');
  const root = checkout({ 'config/images.yml': 'broken' });
  writeFileSync(join(root, 'preview.json'), '{"steps": []}');
  const args = ['build-changes', '--preview', 'preview.json'];
  expect(await printedBy(root, ...args, '--json')).toEqual({
    ...{ status: 0, stdout: '{\n  "builds": []\n}\n', stderr: '' },
  });
  expect((await printedBy(root, ...args)).stdout).toBe('There is nothing to build.\n');
});

test('without a Docker Engine, build-changes says so and fails nothing', async () => {
  vi.stubEnv('DOCKER_CLI', '/nowhere/docker');
  const root = checkout({});
  const type = 'docker:index/image:Image';
  const publication = 'oci:index:Publication';
  const step = (of: string, inputs: object) => ({
    op: 'create',
    urn: `urn:pulumi:prod::kubernetes-ci-images::${of}::debian-12`,
    newState: { urn: `urn:pulumi:prod::p::${of}::debian-12`, type: of, inputs },
  });
  const steps = [step(publication, { tag: 'a' }), step(type, { build: { args: {} } })];
  writeFileSync(join(root, 'preview.json'), JSON.stringify({ steps }));
  const { status, stdout } = await printedBy(root, 'build-changes', '--preview', 'preview.json');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Nothing was built: there is no Docker Engine to build with: .*install/);
});
