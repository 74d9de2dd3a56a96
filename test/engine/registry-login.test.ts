import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { parseRegistry, parseTag } from '../../src/image-reference.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { startRegistry, TOKEN_ACCOUNT, type StartedRegistry } from '../support/registry.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const TOKEN = TOKEN_ACCOUNT.password;
const Resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});
const State = z.looseObject({ deployment: z.looseObject({ resources: z.array(Resource) }) });

const folder = sharedFolder();
let locked: StartedRegistry;
let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  locked = await startRegistry({ dir: folder, auth: true });
  fixture = await startPublishingFixture();
  // Docker and the docker plug-in have a login from here, and the oci plug-in none.
  const auth = Buffer.from(`${TOKEN_ACCOUNT.username}:${TOKEN}`).toString('base64');
  const config = { auths: { [locked.address]: { auth } } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  vi.stubEnv('DOCKER_CONFIG', folder);
  checkout = await fixture.checkout();
  vi.unstubAllEnvs();
  // The base comes from the open registry.
  checkout.declare(['alpha'], fixture.base);
  checkout.commit();
  useToken(TOKEN);
});

afterAll(async () => {
  await fixture.close();
  await locked.stop();
});

/** The engine looks at what was published before it runs the program, which logs in, but with this. */
const LOGGED_IN = ['--refresh', '--run-program'];

const publish = (...more: string[]) => up(...LOGGED_IN, ...more);

async function exportState() {
  const { stdout } = await checkout.pulumi('stack', 'export', '--show-secrets');
  return State.parse(JSON.parse(stdout));
}

function useToken(token: string): void {
  checkout.configure({ registry: locked.address, 'gcp:accessToken': token });
}

describe('a registry that wants the access token of whoever runs the engine', () => {
  it('is pushed to with it', async () => {
    await succeeded(checkout.pulumi(...publish()));
    const { alpha = '' } = plannedTags(checkout);
    expect(await digest(alpha)).toMatch(/^sha256:/);
    expect(await digest('latest')).toBe(await digest(alpha));
  });

  it('has nothing pushed anew where an earlier program left its login in the state', async () => {
    const { alpha = '' } = plannedTags(checkout);
    const before = await digest(alpha);
    const state = await exportState();
    const registry = { server: locked.address, username: 'oauth2accesstoken', password: TOKEN };
    for (const { type, inputs } of state.deployment.resources) {
      if (type === 'docker:index/image:Image') Object.assign(inputs ?? {}, { registry });
    }
    const file = join(folder, 'earlier.json');
    writeFileSync(file, JSON.stringify(state));
    expect((await checkout.pulumi('stack', 'import', '--file', file)).code).toBe(0);
    await fixture.forgetBuilds();
    await succeeded(checkout.pulumi(...up()));
    expect(await digest(alpha)).toBe(before);
  });

  it('is previewed right after that, before anybody has looked whether it is published', async () => {
    await succeeded(checkout.pulumi('preview', '--color', 'never'));
  });

  it('is found unchanged with it by the runs that follow', async () => {
    for (const attempt of ['the first that looks again', 'the one after that']) {
      const { code, output } = await checkout.pulumi(...publish('--expect-no-changes'));
      expect(output, attempt).not.toContain('error');
      expect(code).toBe(0);
    }
  });

  it('leaves the token nowhere in the state but in the settings of the gcp plug-in', async () => {
    const holders = (await exportState()).deployment.resources
      .filter((resource) => JSON.stringify(resource).includes(TOKEN))
      .map(({ urn }) => urn.split('::').slice(-2, -1));
    expect(holders).toEqual([['pulumi:providers:gcp']]);
  });

  it('shows the token in no preview', async () => {
    const { code, output } = await checkout.pulumi('preview', '--diff', ...LOGGED_IN);
    expect(code).toBe(0);
    expect(output).not.toContain(TOKEN);
  });

  it('refuses another token, in words that say so, and nothing is moved', async () => {
    const latest = await digest('latest');
    useToken('token-of-a-stranger');
    checkout.write('config/contexts/alpha/content', 'alpha, changed\n');
    const { code, output } = await checkout.pulumi(...publish());
    expect(code).not.toBe(0);
    expect(output).toContain('REGISTRY_UNAUTHORIZED');
    expect(output).toContain(locked.address);
    expect(output).not.toMatch(/unhandled|processTicksAndRejections/i);
    expect(await digest('latest')).toBe(latest);
  });

  it('takes the right one again, and what was refused is published', async () => {
    useToken(TOKEN);
    expect((await checkout.pulumi(...publish())).code).toBe(0);
    const { alpha = '' } = plannedTags(checkout);
    expect(await digest(alpha)).toMatch(/^sha256:/);
    expect(await digest('latest')).toBe(await digest(alpha));
  });
});

async function digest(text: string) {
  const registry = known(parseRegistry(locked.address));
  const client = registryClient({ registry, credentials: TOKEN_ACCOUNT });
  return (await client.headManifest(fixture.repository('alpha'), known(parseTag(text))))?.digest;
}
