import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';
import { PROJECT } from '../../infra/sandbox/sandbox.ts';
import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
  type Repository,
} from '../../src/image-reference.ts';
import { registryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { fastImport, git, type GitFiles } from '../git/git-repository.ts';
import { forgetBuilds } from './docker-cli.ts';
import { known } from './fixtures.ts';
import { pushBusyboxBase } from './pushed-bases.ts';
import { REGISTRY_ACCOUNT, startRegistry, type StartedRegistry } from './registry.ts';
import { startRegistryGate, type RegistryGate } from './registry-gate.ts';
import { makeTestCheckout, type CheckoutOptions, type TestCheckout } from './test-checkout.ts';

/** A registry with a password, and a checkout that publishes there, on a machine that knows no Google. */
export interface PlainStack {
  readonly checkout: TestCheckout;
  /** Before the registry. */
  readonly gate: RegistryGate;
  /** `<host>/<path>`, as the setting has it. */
  readonly destination: string;
  readonly base: string;
  /** A bare repository whose branches name images. */
  readonly consumer: string;
  push(branch: string, files: GitFiles): void;
  /** Writes the settings of the stack: the destination, and more. */
  configure(more?: Readonly<Record<string, unknown>>): void;
  /** Of the registry, with the account. */
  readonly client: RegistryClient;
  repository(name: string): Repository;
  digest(name: string, tag: string): Promise<Digest | undefined>;
  tags(name: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface PlainStackOptions extends Pick<CheckoutOptions, 'code'> {
  /** Starts the registry, with its storage in a folder; one of Debian's when absent. */
  readonly start?: (dir: string) => Promise<StartedRegistry>;
  /** Other registries with the same account. */
  readonly logins?: readonly string[];
}

export async function startPlainStack(
  images: readonly string[],
  { start, logins = [], ...options }: PlainStackOptions = {},
): Promise<PlainStack> {
  const prerequisites = inject('prerequisites');
  const folder = mkdtempSync(join(tmpdir(), 'plain-'));
  const open = await startRegistry({ dir: join(folder, 'open') });
  const dir = join(folder, 'locked');
  const locked = await (start?.(dir) ?? startRegistry({ dir, auth: true }));
  const gate = await startRegistryGate(locked.address);
  const { username, password } = REGISTRY_ACCOUNT;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const auths = Object.fromEntries([gate.address, ...logins].map((host) => [host, { auth }]));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
  // Nothing listens at the emulator's address.
  const addresses = { registry: gate.address, emulator: '127.0.0.1:9' };
  const { docker } = prerequisites.plugins;
  const withoutGoogle = { ...prerequisites, plugins: { docker } };
  const env = { DOCKER_CONFIG: folder };
  const checkout = await makeTestCheckout(withoutGoogle, addresses, { ...options, env });
  withoutGooglePlugin(join(checkout.root, '.sandbox/pulumi-home/plugins'));
  const destination = `${gate.address}/kubespray`;
  const file = 'Pulumi.sandbox.yaml';
  const configure = (more: Readonly<Record<string, unknown>> = {}) => {
    const { encryptionsalt } = parse(readFileSync(join(checkout.root, file), 'utf8')) as {
      encryptionsalt?: string;
    };
    const own = Object.entries({ destination, ...more });
    const config = Object.fromEntries(own.map(([key, value]) => [`${PROJECT}:${key}`, value]));
    checkout.write(file, stringify({ encryptionsalt, config }));
  };
  configure();
  const base = await pushBusyboxBase(open.address, prerequisites.busybox);
  checkout.declare(images, base);
  const consumer = join(folder, 'consumer.git');
  git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', consumer]);
  const registry = known(parseRegistry(gate.address));
  const client = registryClient({ registry, credentials: REGISTRY_ACCOUNT });
  const repository = (name: string) => known(parseRepository(`kubespray/${name}`));
  return {
    ...{ checkout, gate, destination, base, consumer, client, repository, configure },
    push(branch, files) {
      const ref = `refs/heads/${branch}`;
      const parent = git(consumer, ['for-each-ref', '--format=%(objectname)', ref]) || undefined;
      git(consumer, ['fast-import', '--quiet'], fastImport(branch, files, parent));
    },
    async digest(name, tag) {
      return (await client.headManifest(repository(name), known(parseTag(tag))))?.digest;
    },
    tags: async (name) => (await client.listTags(repository(name))) ?? [],
    async close() {
      if (!prerequisites.isOwnDocker) {
        await forgetBuilds(gate.address);
        await forgetBuilds(open.address);
      }
      checkout.remove();
      await gate.close();
      await locked.stop();
      await open.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Has a stack read which images a repository's branches name, as Kubespray's do. */
export function readBranchesOf({ checkout, consumer }: PlainStack): void {
  const retention = parseDocument(
    readFileSync(join(checkout.root, 'config/retention.yml'), 'utf8'),
  );
  retention.set('sources', [
    {
      ...{ name: 'ci', aliasPrefix: 'ci-', repository: consumer },
      branches: { default: 'main', releases: 'release-*', newest: 2 },
      references: [
        {
          files: ['tests/*.yml'],
          pattern: `cloud_image:\\s*["']?(?<image>[a-z0-9][a-z0-9.-]*)`,
        },
      ],
    },
  ]);
  checkout.write('config/retention.yml', String(retention));
}

/** In place of a link to the plug-ins that tests share, a folder with all but Google's. */
function withoutGooglePlugin(folder: string): void {
  const shared = realpathSync(folder);
  rmSync(folder);
  mkdirSync(folder);
  // The engine finds no plug-in behind a link.
  for (const name of readdirSync(shared)) {
    if (!name.startsWith('resource-gcp'))
      cpSync(join(shared, name), join(folder, name), { recursive: true });
  }
}
