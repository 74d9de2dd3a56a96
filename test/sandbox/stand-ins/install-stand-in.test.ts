import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installStandIn } from '../../../infra/sandbox/stand-ins/install-stand-in.ts';
import { CHECKOUT } from '../../../infra/sandbox/sandbox.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pulumi-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

test.each([
  ['resource-docker', 'docker'],
  ['resource-gcp', 'gcp'],
  ['language-nodejs', 'language-host'],
] as const)('%s is where the engine looks for it, and can be installed again', (plugin, folder) => {
  for (let times = 0; times < 2; times += 1) installStandIn(home, plugin, '5.2.0');
  const executable = realpathSync(join(home, 'plugins', `${plugin}-v5.2.0`, `pulumi-${plugin}`));
  expect(executable).toBe(
    join(realpathSync(CHECKOUT), 'infra/sandbox/stand-ins', folder, `pulumi-${plugin}`),
  );
});

test('an official plug-in stays', () => {
  const official = join(home, 'plugins/resource-docker-v5.2.0/pulumi-resource-docker');
  mkdirSync(dirname(official), { recursive: true });
  writeFileSync(official, 'official');
  installStandIn(home, 'resource-docker', '5.2.0');
  expect(lstatSync(official).isSymbolicLink()).toBe(false);
});
