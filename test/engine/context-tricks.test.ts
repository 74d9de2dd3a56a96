import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker } from '../support/docker-cli.ts';
import { expectPublished, plannedTags, succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

// The tests follow on one another.

const SECRET = 'what the machine has beside the checkout';
const CONTEXT = 'config/contexts/alpha';

/** Names that a shell, an archive or a list of lines would take for something else. */
const ODD_NAMES = [
  '-rf',
  '--checkpoint-action=exec=sh',
  'a b',
  'new\nline',
  '$(touch planted)',
  '`touch planted`',
  'quote"\'s',
  'back\\slash',
  'ümläut',
  '\u202egnp.exe',
  '.hidden',
  '...',
  'name:with@signs#and%25',
];

const outside = sharedFolder();
let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  writeFileSync(join(outside, 'secret'), SECRET);
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(['alpha'], fixture.base);
  checkout.write(`${CONTEXT}/Dockerfile`, DOCKERFILE.replace('COPY content', 'COPY . /all'));
});

afterAll(async () => {
  await fixture.close();
});

it('what can be in no commit is refused by preview and up, all of it at once, and read by neither', async () => {
  const place = (name: string) => join(checkout.root, CONTEXT, name);
  execFileSync('mkfifo', [place('fifo')]);
  const socket = createServer().listen(place('socket'));
  await once(socket, 'listening');
  for (const command of [['preview', '--color', 'never'], up()]) {
    const { code, output } = await checkout.pulumi(...command);
    expect(code).not.toBe(0);
    for (const name of ['fifo', 'socket']) {
      expect(output).toContain(`${CONTEXT}/${name}  CONTEXT_UNSUPPORTED_FILE`);
    }
  }
  expect(await fixture.digest('alpha', 'latest')).toBeUndefined();
  socket.close();
  rmSync(place('fifo'));
});

it.each([
  ['a context that is a symlink', 'link', `${CONTEXT}/Dockerfile`],
  ['a context below a symlink', 'link/below', `${CONTEXT}/Dockerfile`],
  ['a context outside', '../..', undefined],
  ['a Dockerfile that is a symlink', CONTEXT, 'linked'],
])('%s is refused, with its place', async (_, context, dockerfile) => {
  const link = join(checkout.root, 'link');
  const linked = join(checkout.root, CONTEXT, 'linked');
  mkdirSync(join(outside, 'below'), { recursive: true });
  for (const folder of [outside, join(outside, 'below')]) {
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
  }
  symlinkSync(outside, link);
  symlinkSync(join(outside, 'Dockerfile'), linked);
  const catalog = `images:
  - name: alpha
    distribution: busybox
    version: "1"
    base: ${fixture.base}
    context: ${context}
${dockerfile === undefined ? '' : `    dockerfile: ${dockerfile}\n`}`;
  try {
    checkout.declare([], fixture.base);
    checkout.write('config/images.yml', catalog);
    const { code, output } = await checkout.images('plan', '--stack', 'sandbox');
    expect(code).toBe(1);
    expect(output).toMatch(/config\/images\.yml:\d+:\d+ .*(?:CONTEXT|DOCKERFILE|PATH)_/);
    expect(output).not.toContain(SECRET);
  } finally {
    rmSync(link);
    rmSync(linked);
  }
});

it('symlinks that lead out are symlinks in the image, and odd names are names', async () => {
  checkout.declare(['alpha'], fixture.base);
  checkout.write(
    `${CONTEXT}/Dockerfile`,
    DOCKERFILE.replace('COPY content /content', 'COPY . /all/'),
  );
  for (const name of ODD_NAMES) checkout.write(`${CONTEXT}/odd/${name}`, `of ${name}\n`);
  symlinkSync(join(outside, 'secret'), join(checkout.root, CONTEXT, 'absolute'));
  symlinkSync(
    '../../../../../../../../../../..' + join(outside, 'secret'),
    join(checkout.root, CONTEXT, 'relative'),
  );
  symlinkSync(outside, join(checkout.root, CONTEXT, 'folder'));
  await succeeded(checkout.pulumi(...up()));
  await expectPublished(fixture, checkout);

  const { alpha = '' } = plannedTags(checkout);
  const image = `${fixture.gate.address}/${fixture.repository('alpha')}:${alpha}`;
  const ask = (...command: string[]) =>
    docker('run', '--rm', '--network', 'none', image, ...command);
  for (const name of ODD_NAMES) expect(await ask('cat', `/all/odd/${name}`)).toBe(`of ${name}\n`);
  const listing = await ask('ls', '-l', '/all');
  for (const name of ['absolute', 'relative', 'folder']) {
    expect(listing).toMatch(new RegExp(`^l.* ${name} -> .*${outside}`, 'm'));
  }
  await expect(ask('cat', '/all/absolute')).rejects.toThrow(/No such file/);
});

it('and a second run has nothing to do', async () => {
  await succeeded(checkout.pulumi(...up('--expect-no-changes')));
});
