import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { gcpSettings } from '../../infra/sandbox/stack-settings.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { plannedTags } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { startRegistryGate, type RegistryGate } from '../support/registry-gate.ts';
import { DOCKERFILE, TEST_REPOSITORY, up, type TestCheckout } from '../support/test-checkout.ts';
import { loggedInJob, startTokenService, type TokenService } from '../support/token-service.ts';

/** Milliseconds: longer than one build with its push takes, and shorter than three. */
const LIFE = 15_000;
const IMAGES = ['first', 'second', 'last'];
const SLOW = DOCKERFILE.replace('COPY content /content', '$&\nRUN sleep 5');

const folder = sharedFolder();
let tokens: TokenService;
let fixture: PublishingFixture;
let google: RegistryGate;
let checkout: TestCheckout;
/** Requests with a token that had ended. */
const late: string[] = [];
/** The tokens that images were pushed with. */
const pushed = new Set<string>();

beforeAll(async () => {
  tokens = await startTokenService(LIFE);
  fixture = await startPublishingFixture();
  google = await startRegistryGate(fixture.emulator, fixture.emulator);
  checkout = await fixture.checkout({ plugIns: 'started' });
  const { project, region } = TEST_REPOSITORY;
  const settings = gcpSettings(project, region, google.address);
  checkout.configure({ ...settings, 'gcp:accessToken': undefined });
  checkout.declare(IMAGES, fixture.base);
  for (const name of IMAGES) checkout.write(`config/contexts/${name}/Dockerfile`, SLOW);
  checkout.commit();
  const refusal = (request: string, token: string) => {
    if (tokens.isValid(token)) return undefined;
    if (token !== '') late.push(`${request} with ${token}`);
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' }, body: '{}' };
  };
  fixture.gate.meet((request, authorization = '') => {
    const [user = '', token = ''] = decoded(authorization).split(':');
    if (user === 'oauth2accesstoken' && /^(?:POST|PATCH)/.test(request)) pushed.add(token);
    return refusal(request, token);
  });
  google.meet((request, authorization = '') =>
    refusal(request, authorization.replace(/^Bearer /, '')),
  );
});

afterAll(async () => {
  await fixture.close();
  await google.close();
  await tokens.close();
});

const decoded = (authorization: string) =>
  Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();

/** The environment of a pipeline's job, whose logins lead to the token service. */
function pipeline(): NodeJS.ProcessEnv {
  writeFileSync(join(folder, 'config.json'), '{"credsStore":"ci-images"}');
  const { docker, engine } = inject('prerequisites');
  const job = loggedInJob(tokens.origin, folder);
  const tools = [join(checkout.root, 'node_modules/.bin'), dirname(engine.command)];
  return {
    ...job,
    IMAGES_REGISTRY: fixture.gate.address,
    DOCKER_CONFIG: folder,
    PATH: [...tools, dirname(docker.cli), job.PATH].join(delimiter),
  };
}

it('a first publication that takes longer than a token lives pushes its last image', async () => {
  const { command } = inject('prerequisites').engine;
  const started = Date.now();
  const { code, output } = await checkout.run(command, up('--parallel', '1'), pipeline());
  expect(output).not.toMatch(/unauthorized/i);
  expect(code).toBe(0);
  expect(Date.now() - started).toBeGreaterThan(LIFE);
  expect(late).toEqual([]);
  expect(pushed.size).toBeGreaterThanOrEqual(IMAGES.length);
  fixture.gate.meet(() => undefined);
  const tags = plannedTags(checkout);
  for (const name of IMAGES) {
    const digest = await fixture.digest(name, tags[name] ?? '');
    expect(digest).toMatch(/^sha256:/);
    expect(await fixture.digest(name, 'latest')).toBe(digest);
  }
});
