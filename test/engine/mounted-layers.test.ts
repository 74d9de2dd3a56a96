import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker } from '../support/docker-cli.ts';
import { expectPublished } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

// A push mounts layers that the engine has from another repository of the registry. Where it may not, Docker's
// classic store uploads them, and the containerd image store fails.

const DENIED = { status: 403, body: '{"errors":[{"code":"DENIED","message":"access is denied"}]}' };

let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(['alpha'], fixture.base);
  // A pull, unlike a build, has the engine remember where the layers are from.
  await docker('pull', fixture.base);
});

afterAll(async () => {
  await docker('image', 'rm', '--force', fixture.base);
  await fixture.close();
});

it('a layer that may not be mounted is uploaded, or the error says what to grant', async () => {
  const isMount = /^POST .*[?&]from=upstream/;
  fixture.gate.meet((request) => (isMount.test(request) ? DENIED : undefined));
  const { code, output } = await checkout.pulumi(...up());
  expect(fixture.gate.seen.filter((request) => isMount.test(request))).not.toEqual([]);
  const status = await docker('info', '--format', '{{json .DriverStatus}}');
  const isContainerd = status.includes('io.containerd.snapshotter');
  expect(code === 0, output).toBe(!isContainerd);
  const grant =
    /error: alpha is not published: .* give .* roles\/artifactregistry\.reader in the other repositories of 127/;
  if (isContainerd) expect(output).toMatch(grant);
});

it('with the grant, all layers are there', async () => {
  fixture.gate.meet(() => undefined);
  const { code, output } = await checkout.pulumi(...up());
  expect(code, output).toBe(0);
  await expectPublished(fixture, checkout);
});
