import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { makeBase } from '../../infra/sandbox/base-images.ts';
import { findRootFileSystemMaker } from '../../infra/sandbox/make-base-image.ts';
import { endEmulation, provideEmulation } from '../../infra/toolchain/emulation.ts';
import { parseImageReference, parseTag } from '../../src/image-reference.ts';
import { membersOf } from '../../src/registry/image-index.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { docker } from '../support/docker-cli.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;
const MACHINES = { 'linux/amd64': 'amd64 x86_64', 'linux/arm64': 'arm64 aarch64' } as const;
/** A system's packages are set up by an emulated processor: some minutes on a busy machine. */
const MAKING_MS = 1_200_000;

let fixture: PublishingFixture;
let checkout: TestCheckout;
let owner: string;

beforeAll(async () => {
  const note = (line: string) => {
    console.error(`engine tests: ${line}`);
  };
  const { docker: engine } = inject('prerequisites');
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  owner = checkout.root;
  await provideEmulation(PLATFORMS, owner, engine, note);
  const base = { suite: 'bookworm', platforms: PLATFORMS, address: fixture.gate.address };
  declare(await pinned(await makeBase(base, await findRootFileSystemMaker(note), engine)));
  checkout.configure({ verify: true });
}, MAKING_MS);

afterAll(async () => {
  await fixture.close();
  await endEmulation(owner);
  expect(await endEmulation(owner), 'nothing of it stays registered').toEqual([]);
});

async function pinned(reference: string): Promise<string> {
  const { repository, tag } = known(parseImageReference(reference));
  const found = await fixture.client.headManifest(known(repository), known(tag));
  return `${reference}@${known(found).digest}`;
}

/** A Debian that says at its build which machine it is built on, and that can't come up on another one. */
function declare(base: string): void {
  checkout.declare(['alpha'], base);
  const verify = '[ "$(cat /machine)" = "$(dpkg --print-architecture) $(uname -m)" ]';
  checkout.write(
    'config/images.yml',
    `images:
  - name: alpha
    distribution: debian
    version: "12"
    platforms: [linux/amd64, linux/arm64]
    base: ${base}
    context: config/contexts/alpha
    verify: ['${verify}']
`,
  );
  const run = 'RUN echo "$(dpkg --print-architecture) $(uname -m)" >/machine\n';
  const start = 'CMD ["sleep", "600"]\n';
  checkout.write('config/contexts/alpha/Dockerfile', `${DOCKERFILE}${run}${start}`);
  checkout.commit();
}

it('registers nothing for an engine that does not run the programs all the same', async () => {
  const folder = temporaryFolder();
  const cli = join(folder, 'docker');
  writeFileSync(cli, '#!/bin/sh\necho exec /program: exec format error >&2\nexit 1\n', {
    mode: 0o755,
  });
  const elsewhere = { cli, host: 'tcp://builder.example:2376' };
  const provided = provideEmulation(['linux/arm64'], folder, elsewhere, () => undefined);
  await expect(provided).rejects.toThrow(/at tcp:\/\/builder.example:2376 .*\n.* on its machine/);
  expect(await endEmulation(folder)).toEqual([]);
});

it('builds a Debian for a processor that this machine does not have, and starts it there', async () => {
  const output = await succeeded(checkout.pulumi(...up()));
  for (const platform of PLATFORMS) {
    expect(output).toMatch(
      new RegExp(`Verification \\(alpha:${platform}\\):\\n.*up after \\d+ s: its command succeeds`),
    );
  }
  const repository = fixture.repository('alpha');
  const tag = known(parseTag(plannedTags(checkout)['alpha'] ?? ''));
  const manifest = known(await fixture.client.getManifest(repository, tag));
  const members = known(membersOf(manifest.bytes));
  expect(Object.keys(members)).toEqual(PLATFORMS);
  for (const platform of PLATFORMS) {
    const image = `${fixture.gate.address}/${repository}@${known(members[platform])}`;
    const options = ['--rm', '--network=none', `--platform=${platform}`];
    expect(await docker('run', ...options, image, 'cat', '/machine')).toBe(
      `${MACHINES[platform]}\n`,
    );
  }
});
