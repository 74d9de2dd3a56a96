import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installDockerStandIn } from '../../../../infra/sandbox/stand-ins/docker/install-docker-stand-in.ts';
import { installLanguageHost } from '../../../../infra/sandbox/stand-ins/language-host/install-language-host.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pulumi-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

test('both plug-ins land where the engine looks for them, and can be installed again', () => {
  for (let times = 0; times < 2; times += 1) {
    installDockerStandIn(home, '5.2.0');
    installLanguageHost(home, '3.270.0');
  }
  const plugIns = [
    'plugins/resource-docker-v5.2.0/pulumi-resource-docker',
    'plugins/language-nodejs-v3.270.0/pulumi-language-nodejs',
  ];
  for (const path of plugIns) {
    expect(execFileSync('readlink', ['-f', join(home, path)], { encoding: 'utf8' })).toMatch(
      /\/infra\/sandbox\/.*\/pulumi-(resource-docker|language-nodejs)\n$/,
    );
  }
});

test('an official plug-in that is there is left alone', () => {
  const directory = join(home, 'plugins/resource-docker-v5.2.0');
  const official = join(directory, 'pulumi-resource-docker');
  mkdirSync(directory, { recursive: true });
  writeFileSync(official, 'official');
  installDockerStandIn(home, '5.2.0');
  expect(lstatSync(official).isSymbolicLink()).toBe(false);
  expect(readFileSync(official, 'utf8')).toBe('official');
});
