import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { sharedFolder } from '../git/temporary-folder.ts';
import { startDockerApi } from '../support/docker-api.ts';
import { startDockerGate, type DockerGate } from '../support/docker-gate.ts';
import { expectPublished, plannedTags } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import type { Run } from '../support/processes.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

const NAMES = ['good', 'other'];

const folder = sharedFolder();
let fixture: PublishingFixture;
let checkout: TestCheckout;
let docker: DockerGate;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  docker = await startDockerGate(join(folder, 'docker.sock'), inject('prerequisites').docker.host);
  checkout = await fixture.checkout({ env: { DOCKER_HOST: docker.host } });
  checkout.declare(NAMES, fixture.base);
});

afterAll(async () => {
  await docker.stop();
  await fixture.close();
});

const publish = () => checkout.pulumi(...up());

async function expectSuccess({ code, output }: Run): Promise<void> {
  expect(output).not.toContain('error');
  expect(code, output).toBe(0);
  await expectPublished(fixture, checkout);
}

it('a Docker Engine that refuses all builds is named with a remedy, and gets none', async () => {
  const path = join(folder, 'refusing.sock');
  const { host, paths } = await startDockerApi({ version: '27.4.1', path });
  const variables = { DOCKER_HOST: host };
  const preview = await checkout.run('pulumi', ['preview', '--non-interactive'], variables);
  expect(preview.output).toMatch(
    /warning: the Docker Engine at .* is 27\.4\.1 with the containerd/,
  );
  expect(preview.code, preview.output).toBe(0);
  const { code, output } = await checkout.run('pulumi', up(), variables);
  expect(code).not.toBe(0);
  for (const name of NAMES) {
    expect(output).toContain(`error: ${name} is not published: the Docker Engine at ${host}`);
  }
  expect(output).toContain('use Docker Engine 27.5 or newer');
  expect(paths.filter((one) => !/\/(?:_ping|version|info)$/.test(one))).toEqual([]);
});

it('a Docker Engine that goes away in mid-build is an error that names its images', async () => {
  // The base's layer never arrives, so that the builds are under way.
  const isPulling = fixture.gate.swallowAnswer((request) => request.includes('/blobs/sha256:'));
  const run = publish();
  await isPulling;
  await docker.stop();
  const { code, output } = await run;
  expect(code).not.toBe(0);
  for (const name of NAMES) expect(output).toContain(`error: ${name} is not published`);
  expect(output).not.toMatch(/unhandled/i);
  const tags = plannedTags(checkout);
  for (const name of NAMES) expect(await fixture.digest(name, tags[name] ?? '')).toBeUndefined();
});

it('one that is still away is an error', async () => {
  const { code, output } = await publish();
  expect(code).not.toBe(0);
  expect(output).toMatch(/docker daemon/i);
  expect(output).not.toMatch(/unhandled/i);
});

it('once it is back, the next up publishes', async () => {
  await docker.start();
  await expectSuccess(await publish());
});

it('a full disk is an error that names the image, and the others are published', async () => {
  const before = await fixture.digest('other', 'latest');
  checkout.write('config/contexts/good/content', 'another\n');
  // Docker gives a build 64 MB there.
  const fill = 'RUN busybox dd if=/dev/zero of=/dev/shm/full bs=1M count=100';
  checkout.write('config/contexts/other/Dockerfile', DOCKERFILE.replace('COPY', `${fill}\nCOPY`));
  const { code, output } = await publish();
  expect(code).not.toBe(0);
  expect(output).toContain('error: other is not published');
  const { good = '', other = '' } = plannedTags(checkout);
  expect(await fixture.digest('good', 'latest')).toBe(await fixture.digest('good', good));
  expect(await fixture.digest('other', other)).toBeUndefined();
  expect(await fixture.digest('other', 'latest')).toBe(before);
});

it('once there is room, the next up publishes', async () => {
  checkout.write('config/contexts/other/Dockerfile', DOCKERFILE);
  checkout.write('config/contexts/other/content', 'another\n');
  await expectSuccess(await publish());
});
