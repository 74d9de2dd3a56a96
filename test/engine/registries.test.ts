import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stateIn } from '../../infra/sandbox/engine-environment.ts';
import { provideGoRegistry } from '../../infra/toolchain/go-registries.ts';
import { parseDigest, parseTag, type Digest } from '../../src/image-reference.ts';
import { untag } from '../../src/registry/registry-client.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { readBranchesOf, startPlainStack, type PlainStack } from '../support/plain-stack.ts';
import { startMemoryRegistry, startRegistry, type StartedRegistry } from '../support/registry.ts';
import { up } from '../support/test-checkout.ts';

const folder = sharedFolder();
const DAY_MS = 86_400_000;
const Forecast = z.object({
  images: z.array(
    z.object({
      entries: z.array(
        z.object({
          digest: z.string().transform((text) => known(parseDigest(text))),
          tags: z.array(z.string()),
          verdict: z.enum(['keep', 'delete']),
        }),
      ),
    }),
  ),
});
/** Starts a registry with its storage in a folder; `port` and `deletes` where it has a configuration. */
type Start = (options: {
  dir: string;
  port?: number;
  deletes?: boolean;
}) => Promise<StartedRegistry>;

const REGISTRIES: readonly { name: string; start: Start; isConfigured: boolean }[] = [
  {
    name: 'distribution 2.8',
    start: (options) => startRegistry({ ...options, auth: true }),
    isConfigured: true,
  },
  {
    name: 'distribution 3.1',
    start: async (options) => {
      const program = await provideGoRegistry('distribution', note);
      return startRegistry({ ...options, auth: true, program });
    },
    isConfigured: true,
  },
  {
    name: 'the registry of go-containerregistry',
    start: async () => startMemoryRegistry(await provideGoRegistry('go-containerregistry', note)),
    isConfigured: false,
  },
];

function note(line: string): void {
  console.error(`engine tests: ${line}`);
}

describe.each(REGISTRIES)('$name', ({ name, start, isConfigured }) => {
  let stack: PlainStack;
  let registry: StartedRegistry;
  const dir = join(folder, name, 'registry');
  let first: Digest;
  let second: Digest;

  beforeAll(async () => {
    stack = await startPlainStack(['alpha'], {
      start: async () => (registry = await start({ dir })),
    });
    need('main', 'release-1.0');
    readBranchesOf(stack);
    const file = 'config/retention.yml';
    const retention = readFileSync(join(stack.checkout.root, file), 'utf8')
      .replace('dryRun: true', 'dryRun: false\nmostDeletedPercent: 100')
      .replace(/keepNewest: \d+/, 'keepNewest: 1');
    stack.checkout.write(file, retention);
    stack.checkout.commit();
  });
  afterAll(async () => {
    await stack.close();
    await registry.stop();
  });

  function need(...branches: readonly string[]): void {
    for (const branch of branches) stack.push(branch, { 'tests/a.yml': 'cloud_image: alpha\n' });
  }

  const digest = async (tag: string) => stack.digest('alpha', tag);
  const planned = () => plannedTags(stack.checkout)['alpha'] ?? '';

  it('is published to, by whoever knows nothing of an earlier run once', async () => {
    await succeeded(stack.checkout.pulumi(...up()));
    first = known(await digest('latest'));
    expect(await digest(planned())).toBe(first);
    expect(await digest('ci-release-1.0')).toBe(first);
    const state = join(folder, name, 'state');
    mkdirSync(state, { recursive: true });
    const other = { PULUMI_BACKEND_URL: stateIn(state) };
    await succeeded(stack.checkout.run('pulumi', ['stack', 'init', 'sandbox'], other));
    stack.gate.forget();
    await succeeded(stack.checkout.run('pulumi', up(), other));
    expect(stack.gate.seen.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
  });

  it('has aliases that move to what is newer, and one of a release that stays', async () => {
    stack.checkout.write('config/contexts/alpha/content', 'newer\n');
    stack.checkout.commit();
    await succeeded(stack.checkout.pulumi(...up()));
    second = known(await digest('latest'));
    expect(second).not.toBe(first);
    expect(await digest('ci-main')).toBe(second);
    expect(await digest('ci-release-1.0')).toBe(first);
  });

  it('has put right what vanished or was moved', async () => {
    const { client } = stack;
    const path = stack.repository('alpha');
    const aliases = ['latest', 'ci-main'];
    for (const tag of [planned(), ...aliases]) await untag(client, path, known(parseTag(tag)));
    await client.deleteManifest(path, second);
    expect(await digest(planned())).toBeUndefined();
    const old = known(await client.getManifest(path, first));
    await client.putManifest(path, known(parseTag('ci-main')), old);
    await succeeded(stack.checkout.pulumi(...up('--refresh', '--run-program')));
    second = known(await digest(planned()));
    for (const tag of aliases) expect(await digest(tag), tag).toBe(second);
    expect(await digest('ci-release-1.0')).toBe(first);
  });

  /** A year later, when the release has long left. */
  function images(...args: readonly string[]) {
    const clock = join(folder, 'clock');
    writeFileSync(clock, String(365 * DAY_MS));
    const loader = join(import.meta.dirname, '../support/moved-date.ts');
    const command = ['--import', loader, 'src/cli/images.ts', ...args, '--stack', 'sandbox'];
    return stack.checkout.run(process.execPath, command, { MOVED_DATE: clock });
  }

  async function restart(deletes: boolean): Promise<void> {
    await registry.stop();
    const port = Number(registry.address.split(':')[1]);
    registry = await start({ dir, port, deletes });
  }

  it('has deleted what the forecast says and nothing else, or refuses as a whole', async () => {
    need('release-1.1', 'release-1.2');
    await succeeded(stack.checkout.pulumi(...up()));
    expect(await digest('ci-release-1.2')).toBe(second);
    const before = await stack.tags('alpha');
    const forecast = await images('retention', '--json');
    const { entries } = known(Forecast.parse(JSON.parse(forecast.stdout)).images[0]);
    expect(entries.find((entry) => entry.digest === first)?.verdict).toBe('delete');
    if (isConfigured) {
      await restart(false);
      const refused = await images('clean-up', '--confirm');
      expect(refused.code).toBe(1);
      expect(refused.output).toMatch(/CLEAN_UP_UNSUPPORTED .* does not delete by digest; have its/);
      expect(await stack.tags('alpha')).toEqual(before);
      await restart(true);
    }
    const { code, output } = await images('clean-up', '--confirm');
    expect(code, output).toBe(0);
    const going = entries.filter(({ verdict }) => verdict === 'delete');
    const isGoing = (tag: string) =>
      going.some(({ tags }) => tags.some((each) => [each, `${each}-linux-amd64`].includes(tag)));
    expect(await stack.tags('alpha')).toEqual(before.filter((tag) => !isGoing(tag)));
    for (const entry of entries) {
      const found = await stack.client.headManifest(stack.repository('alpha'), entry.digest);
      expect(found !== undefined, entry.digest).toBe(entry.verdict === 'keep');
    }
    expect(await digest('latest')).toBe(second);
  });
});
