import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';
import { NO_LOOPBACK, startTlsFront, type TlsFront } from '../support/tls-front.ts';
import { succeeded } from '../support/engine-output.ts';

// The tests follow on one another.

let fixture: PublishingFixture;
let checkout: TestCheckout;
let front: TlsFront;
let registry: string;
const fronts: TlsFront[] = [];

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout({ plugIns: 'started' });
  checkout.declare(['alpha', 'beta'], fixture.base);
  checkout.commit();
  front = await startFront(fixture.gate.address);
  registry = `${NO_LOOPBACK}:${front.port}`;
  fixture.gate.forget();
});

afterAll(async () => {
  for (const each of fronts) each.close();
  await fixture.close();
});

it('a registry whose certificate is not trusted is asked nothing and sent nothing', async () => {
  checkout.configure({ registry });
  for (const command of [['preview', '--color', 'never'], up()]) {
    const { code, output } = await checkout.pulumi(...command);
    expect(code).not.toBe(0);
    expect(output).toMatch(
      new RegExp(
        `REGISTRY_UNTRUSTED.*${registry}.*its certificate is not trusted.*NODE_EXTRA_CA_CERTS`,
      ),
    );
    expect(output).not.toMatch(/unhandled|processTicksAndRejections/i);
  }
  expect(fixture.gate.seen).toEqual([]);
});

it('one that only the project trusts is named by Docker, and has no alias then', async () => {
  const { command } = inject('prerequisites').engine;
  const env = { NODE_EXTRA_CA_CERTS: front.certificate };
  const { code, output } = await checkout.run(command, up('--continue-on-error'), env);
  expect(code).not.toBe(0);
  for (const name of ['alpha', 'beta']) {
    expect(output).toContain(`error: ${name} is not published`);
    expect(await fixture.digest(name, 'latest')).toBeUndefined();
  }
  expect(output).toMatch(/certificate|x509|HTTPS/i);
});

it('Google’s APIs are told no token by way of a certificate that is not trusted', async () => {
  const { port } = await startFront(fixture.emulator);
  checkout.configure({
    'gcp:artifactRegistryCustomEndpoint': `https://127.0.0.1:${port}/v1/`,
    'gcp:accessToken': 'ya29.hush',
    readers: ['allUsers'],
  });
  const { code, output } = await checkout.pulumi(...up('--continue-on-error'));
  expect(code).not.toBe(0);
  expect(output).toMatch(/certificate/);
  expect(output).not.toContain('ya29.hush');
});

it('and all is published once the addresses are right', async () => {
  checkout.configure({});
  await succeeded(checkout.pulumi(...up()));
  for (const name of ['alpha', 'beta']) expect(await fixture.digest(name, 'latest')).toBeDefined();
});

async function startFront(target: string): Promise<TlsFront> {
  const started = await startTlsFront(target);
  fronts.push(started);
  return started;
}
