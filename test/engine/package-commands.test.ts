import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker, provideDebianBase } from '../support/docker-cli.ts';
import { succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

// What the `images` command says of the packages of images that runs have published.

let fixture: PublishingFixture;
let checkout: TestCheckout;

/** Installs a package of its own making for each line of `content`, a name and a version. */
const INSTALL = `RUN while read -r name version; do \\
      mkdir -p /made/DEBIAN && \\
      printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: nobody\\nDescription: none\\n' \\
        "$name" "$version" > /made/DEBIAN/control && \\
      dpkg-deb --build /made /made.deb && dpkg --install /made.deb || exit 1; \\
    done < /content && rm -r /made /made.deb`;

async function publish(...packages: string[]): Promise<void> {
  checkout.write('config/contexts/debian/content', `${packages.join('\n')}\n`);
  checkout.commit();
  await succeeded(checkout.pulumi(...up()));
}

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  const base = `${fixture.gate.address}/upstream/debian:bookworm`;
  await provideDebianBase('bookworm', base);
  const [, digest = ''] = /digest: (sha256:[a-f0-9]{64})/.exec(await docker('push', base)) ?? [];
  checkout.declare(['debian'], `${base}@${digest}`);
  const dockerfile = DOCKERFILE.replace('COPY content /content', `$&\n${INSTALL}`);
  checkout.write('config/contexts/debian/Dockerfile', dockerfile);
  await publish('epoch 1:1.0-1', 'goes 1.0', 'older 1.10-1', 'stays 1.0', 'tilde 1.0~rc1-1');
  await publish('comes 2.0', 'epoch 2.0-1', 'older 1.9-1', 'stays 1.0', 'tilde 1.0-1');
}, 600_000);

afterAll(() => fixture.close());

async function images(...args: string[]) {
  const { code, stdout, output } = await checkout.images(...args, '--stack', 'sandbox');
  if (code !== 0) throw new Error(output);
  return stdout;
}

it('diff has exactly the packages that differ', async () => {
  const { platforms } = JSON.parse(await images('diff', 'debian', '--json')) as {
    platforms: Record<string, { packages: unknown }>;
  };
  const change = (kind: string, name: string, before?: string, after?: string) => {
    return { kind, name, architecture: 'all', before, after };
  };
  expect(platforms['linux/amd64']?.packages).toEqual({
    kind: 'known',
    changes: [
      change('added', 'comes', undefined, '2.0'),
      change('down', 'epoch', '1:1.0-1', '2.0-1'),
      change('removed', 'goes', '1.0'),
      change('down', 'older', '1.10-1', '1.9-1'),
      change('up', 'tilde', '1.0~rc1-1', '1.0-1'),
    ],
  });
  const markdown = await images('diff', 'debian', '--markdown');
  expect(markdown).toContain('<summary>debian: 5 packages, tilde 1.0~rc1 → 1.0</summary>');
});

it('packages and which have what is installed', async () => {
  const packages = (await images('packages', 'debian')).split('\n');
  expect(packages).toEqual(expect.arrayContaining(['stays 1.0 all', 'older 1.9-1 all']));
  expect(packages.length).toBeGreaterThan(50);
  expect(await images('which', 'st?ys')).toMatch(/^debian +latest +stays +1\.0 +linux\/amd64$/m);
});
