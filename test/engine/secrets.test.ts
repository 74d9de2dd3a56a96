import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseRegistry, parseTag } from '../../src/image-reference.ts';
import { basicAuthorization } from '../../src/url.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { git } from '../git/git-repository.ts';
import { startHttpRemote, type HttpRemote } from '../git/http-remote.ts';
import { known } from '../support/fixtures.ts';
import { pushBusyboxBase } from '../support/pushed-bases.ts';
import { startNotesServer, type NotesServer } from '../support/notes-server.ts';
import { newKey } from '../signing/some-keys.ts';
import { plannedTags } from '../support/engine-output.ts';
import { processesIn, watchProcesses, type ProcessWatch, tracesOf } from '../support/processes.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { startRegistry, TOKEN_ACCOUNT, type StartedRegistry } from '../support/registry.ts';
import { startRegistryGate, type RegistryGate } from '../support/registry-gate.ts';
import { type TestCheckout, testSettings } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const PASSPHRASE = 'canary-of-the-passphrase';
const TRIGGER_TOKEN = 'glptt-canary&of-the-trigger';
const PUSH_TOKEN = 'canary-of-the-push';
const DOCKER_PASSWORD = 'canary-of-the-docker-login';
const KEY_PASSPHRASE = 'canary-of-the-signing-key';
const KEY = newKey(KEY_PASSPHRASE);
const IDENTITY_TOKEN = 'eyJ0eXAi.canary-of-the-identity.signature';
const WRONG = 'canary-that-is-wrong';

const STACK = 'guarded';

const folder = sharedFolder();
let locked: StartedRegistry;
/** Before the locked registry. */
let gate: RegistryGate;
let fixture: PublishingFixture;
let checkout: TestCheckout;
let host: NotesServer;
let remote: HttpRemote;
let watch: ProcessWatch;
/** What each run printed, by its name. */
const printed: Record<string, string> = {};
/** The state right after each run, with its secrets in the clear, by its name. */
const states: Record<string, string> = {};
/** What runs that could end had left. */
let leftovers: readonly string[];

const secrets = () => ({
  'the access token': TOKEN_ACCOUNT.password,
  'the token for notes': host.token,
  'the passphrase': PASSPHRASE,
  'the trigger token': TRIGGER_TOKEN,
  'the token for pushes': PUSH_TOKEN,
  'the password of a Docker login': DOCKER_PASSWORD,
  'the identity token': IDENTITY_TOKEN,
  'the passphrase of the key that signs': KEY_PASSPHRASE,
  'the key that signs': KEY.pem.split('\n')[1] ?? '',
  'a token that nobody takes': WRONG,
});

// A full run: merge request, main, schedule, drift; then each of them with tokens that are refused; then main, killed.
beforeAll(async () => {
  for (const name of ['docker', 'temporary']) mkdirSync(join(folder, name));
  const auth = Buffer.from(`somebody:${DOCKER_PASSWORD}`).toString('base64');
  const config = { auths: { 'registry.example': { auth } } };
  writeFileSync(join(folder, 'docker/config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'signing.key'), KEY.pem, { mode: 0o600 });
  locked = await startRegistry({ dir: join(folder, 'registry'), auth: true });
  gate = await startRegistryGate(locked.address);
  fixture = await startPublishingFixture();
  host = await startNotesServer();
  checkout = await fixture.checkout({ code: 'copied', plugIns: 'started' });
  checkout.declare(['alpha'], fixture.base);
  configure();
  watch = watchProcesses();
  await run('init', 'pulumi', ['stack', 'init', STACK]);
  const store = `printf %s "$CANARY" | pulumi config set --secret refreshPipelineToken`;
  await run('store', 'sh', ['-c', store], { CANARY: TRIGGER_TOKEN });
  const origin = join(folder, 'origin.git');
  checkout.commit();
  git(folder, ['clone', '--quiet', '--bare', checkout.root, origin]);
  git(origin, ['config', 'http.receivepack', 'true']);
  remote = await startHttpRemote(origin, basicAuthorization('x-access-token', PUSH_TOKEN));
  git(checkout.root, ['remote', 'add', 'origin', remote.address]);
  await pipeline('publish');
  checkout.write('config/contexts/alpha/content', 'another\n');
  await pipeline('preview');
  checkout.write('config/contexts/alpha/content', 'alpha\n');
  await pushBusyboxBase(fixture.gate.address, inject('prerequisites').busybox, 'two');
  await pipeline('refresh');
  await pipeline('drift');
  const refused = {
    GOOGLE_OAUTH_ACCESS_TOKEN: WRONG,
    GITLAB_TOKEN: WRONG,
    IMAGES_PUSH_TOKEN: WRONG,
  };
  await pushBusyboxBase(fixture.gate.address, inject('prerequisites').busybox, 'three');
  await pipeline('preview', refused, 'preview, refused');
  await pipeline('publish', refused, 'publish, refused');
  await pipeline('refresh', refused, 'refresh, refused');
  leftovers = readdirSync(join(folder, 'temporary'));
  await killAfterPush();
  watch.end();
}, 600_000);

afterAll(async () => {
  watch.end();
  host.close();
  await remote.close();
  await fixture.close();
  await gate.close();
  await locked.stop();
});

function configure(): void {
  const addresses = { registry: gate.address, emulator: fixture.emulator };
  const refreshPipeline = 'https://gitlab.example/api/v4/projects/42/trigger/pipeline';
  const settings = testSettings(undefined, addresses, {
    ...{ refreshPipeline, refreshChanges: 'commit' },
    ...{ signing: join(folder, 'signing.key'), signers: [KEY.signer] },
    'gcp:accessToken': undefined,
  });
  checkout.write(`Pulumi.${STACK}.yaml`, settings);
}

async function pipeline(name: string, more: NodeJS.ProcessEnv = {}, key = name): Promise<void> {
  await run(key, 'node', ['infra/pipeline/run-pipeline.ts', name, '--stack', STACK], more);
  states[key] = await exportState();
}

async function exportState(): Promise<string> {
  const { stdout } = await checkout.run('pulumi', ['stack', 'export', '--show-secrets'], {
    PULUMI_STACK: STACK,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
  });
  return stdout;
}

/** Kills a publication, with all that it started, when Docker has pushed and nobody has noted it. */
async function killAfterPush(): Promise<void> {
  checkout.write('config/contexts/alpha/content', 'pushed by a run that is killed\n');
  checkout.commit();
  const put = `PUT /v2/${fixture.repository('alpha')}/manifests/`;
  const pushed = gate.swallowAnswer((request) => request.startsWith(put));
  const ended = pipeline('publish', {}, 'publish, killed');
  await pushed;
  for (const pid of processesIn(checkout.root)) process.kill(Number(pid), 'SIGKILL');
  await ended;
}

/** As in a pipeline of GitLab: each secret is in a variable, or in a file that only the user may read. */
async function run(name: string, command: string, args: string[], more: NodeJS.ProcessEnv = {}) {
  const { output, code } = await checkout.run(command, args, {
    PULUMI_STACK: STACK,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    GOOGLE_OAUTH_ACCESS_TOKEN: TOKEN_ACCOUNT.password,
    GOOGLE_WORKLOAD_IDENTITY_PROVIDER:
      'projects/1/locations/global/workloadIdentityPools/pool/providers/gitlab',
    GOOGLE_SERVICE_ACCOUNT: 'image-publisher@ci-images.iam.gserviceaccount.com',
    GOOGLE_ID_TOKEN: IDENTITY_TOKEN,
    IMAGES_PUSH_TOKEN: PUSH_TOKEN,
    IMAGES_SIGNING_PASSPHRASE: KEY_PASSPHRASE,
    GITLAB_TOKEN: host.token,
    ...{ CI_API_V4_URL: host.api, CI_PROJECT_ID: '42', CI_MERGE_REQUEST_IID: '7' },
    ...{ CI_COMMIT_BRANCH: 'main', GITLAB_CI: 'true' },
    ...{ GIT_COMMITTER_NAME: 'ci', GIT_COMMITTER_EMAIL: 'ci@localhost' },
    DOCKER_CONFIG: join(folder, 'docker'),
    TMPDIR: join(folder, 'temporary'),
    ...more,
  });
  printed[name] = `${output}\nexit code ${code}`;
}

describe('a full run', () => {
  it('was one: it published, wrote a note, pushed a commit, and was refused where it should be', async () => {
    for (const name of ['preview', 'publish', 'refresh', 'drift']) {
      expect(printed[name]).toMatch(/exit code 0$/);
      expect(printed[`${name}, refused`] ?? 'exit code 1').toMatch(/exit code 1$/);
    }
    expect(host.notes).toHaveLength(1);
    expect(git(checkout.root, ['log', '--format=%s', 'origin/main'])).toMatch(/refresh/i);
    const { alpha = '' } = plannedTags(checkout);
    // The killed run had pushed it, and no index yet.
    expect(await published(`${alpha}-linux-amd64`)).toBeDefined();
    expect(printed['refresh, refused']).toContain('PUSH_UNAUTHORIZED');
    expect(printed['publish, refused']).toContain('REGISTRY_UNAUTHORIZED');
    expect(printed['publish, killed']).toMatch(/exit code null$/);
  });

  it.each([
    ['is printed', () => Object.entries(printed)],
    ['is an argument of a program', () => [...watch.commands].map((line) => [line, line])],
    ['is in the checkout, its state and its settings', () => filesBelow(checkout.root)],
    ['is in what was pushed to the registry', () => filesBelow(join(folder, 'registry/storage'))],
    ['is in what was pushed to git', () => filesBelow(join(folder, 'origin.git'))],
    ['is in a note', () => host.notes.map(({ body }) => ['note', body])],
    ['is left in a temporary file', () => filesBelow(join(folder, 'temporary'))],
  ] as [string, () => [string, string][]][])('no secret %s', (_, places) => {
    const found = places().flatMap(([place, text]) =>
      Object.entries(secrets())
        .filter(([, secret]) => tracesOf(secret).some((trace) => text.includes(trace)))
        .map(([name]) => `${name}: ${place}`),
    );
    expect(found).toEqual([]);
  });

  it('leaves no temporary file at all where it can', () => {
    expect(leftovers).toEqual([]);
  });

  it('has no secret in any state, encrypted or not, but the token that is in the job of the schedule', () => {
    expect(Object.keys(states)).toContain('publish, killed');
    for (const [run, state] of Object.entries(states)) {
      expect(state, run).toContain('docker:index/image:Image');
      const found = Object.entries(secrets())
        .filter(([, secret]) => tracesOf(secret).some((trace) => state.includes(trace)))
        .map(([name]) => name);
      expect(found, run).toEqual(['the trigger token']);
    }
  });

  it('started programs that listen on loopback, and on nothing else', () => {
    expect(watch.commands.size).toBeGreaterThan(20);
    expect(watch.listening.size).toBeGreaterThan(3);
    expect([...watch.listening].filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

/** Path and content of each file but those of other packages; what is packed with gzip is unpacked, as layers are. */
function filesBelow(root: string): [string, string][] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const bytes = readFileSync(file);
      const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return [file, (isPacked ? gunzipSync(bytes) : bytes).toString('latin1')];
    });
}

async function published(text: string) {
  const registry = known(parseRegistry(locked.address));
  const client = registryClient({ registry, credentials: TOKEN_ACCOUNT });
  return client.headManifest(fixture.repository('alpha'), known(parseTag(text)));
}
