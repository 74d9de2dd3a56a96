import { lstatSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { installStandIn } from '../../../infra/sandbox/stand-ins/install-stand-in.ts';
import { CHECKOUT } from '../../../infra/sandbox/sandbox.ts';
import { temporaryFolder } from '../../git/temporary-folder.ts';

test.each([
  ['resource-docker', 'docker'],
  ['resource-gcp', 'gcp'],
  ['language-nodejs', 'language-host'],
] as const)('%s is where the engine looks for it, and can be installed again', (plugin, folder) => {
  const home = temporaryFolder();
  for (let times = 0; times < 2; times += 1) installStandIn(home, plugin, '5.2.0');
  const executable = realpathSync(join(home, 'plugins', `${plugin}-v5.2.0`, `pulumi-${plugin}`));
  expect(executable).toBe(
    join(realpathSync(CHECKOUT), 'infra/sandbox/stand-ins', folder, `pulumi-${plugin}`),
  );
});

test('an official plug-in stays', () => {
  const home = temporaryFolder();
  const official = join(home, 'plugins/resource-docker-v5.2.0/pulumi-resource-docker');
  mkdirSync(dirname(official), { recursive: true });
  writeFileSync(official, 'official');
  installStandIn(home, 'resource-docker', '5.2.0');
  expect(lstatSync(official).isSymbolicLink()).toBe(false);
});
