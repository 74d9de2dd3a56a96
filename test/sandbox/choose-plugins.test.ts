import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import gcpPackage from '@pulumi/gcp/package.json' with { type: 'json' };
import { choosePlugins } from '../../infra/sandbox/choose-plugins.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const { version: DOCKER } = dockerPackage;
const { version: GCP } = gcpPackage;

/** Downloads as the engine does: a mark first, the mark goes when all is unpacked. */
const ENGINE = `#!/bin/sh
echo "$*" >> "$PULUMI_HOME/calls"
folder="$PULUMI_HOME/plugins/resource-$4-v$5"
mkdir -p "$folder"
touch "$folder.partial"
echo binary > "$folder/pulumi-resource-$4"
case " $BROKEN " in *" $4 "*) exit 1;; esac
rm "$folder.partial"
`;

/** An engine's home folder, and a choice in it where `broken` plug-ins can't be downloaded whole. */
function engineHome(broken = '') {
  const home = temporaryFolder();
  const command = join(home, 'pulumi');
  writeFileSync(command, ENGINE.replace('$BROKEN', broken));
  chmodSync(command, 0o755);
  const probes: string[] = [];
  const notes: string[] = [];
  const choose = (online: boolean) =>
    choosePlugins(
      home,
      { command },
      (line) => notes.push(line),
      () => {
        probes.push('online?');
        return Promise.resolve(online);
      },
    );
  const folderOf = (name: 'docker' | 'gcp') =>
    join(home, 'plugins', `resource-${name}-v${name === 'docker' ? DOCKER : GCP}`);
  const isLink = (name: 'docker' | 'gcp') =>
    lstatSync(join(folderOf(name), `pulumi-resource-${name}`)).isSymbolicLink();
  const calls = () => (existsSync(join(home, 'calls')) ? readLines(join(home, 'calls')) : []);
  return { home, probes, notes, choose, folderOf, isLink, calls };
}

function readLines(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

test('where downloads can be reached both are the official ones, probed once', async () => {
  const { choose, calls, isLink, probes, notes } = engineHome();
  const plugins = {
    docker: { kind: 'official', version: DOCKER },
    gcp: { kind: 'official', version: GCP },
  };
  expect(await choose(true)).toEqual(plugins);
  expect(calls()).toEqual([
    `plugin install resource docker ${DOCKER}`,
    `plugin install resource gcp ${GCP}`,
  ]);
  expect([isLink('docker'), isLink('gcp')]).toEqual([false, false]);
  expect(probes).toHaveLength(1);
  expect(notes.at(-1)).toMatch(/gcp.*more than 100 MB/);
  expect(await choose(false)).toEqual(plugins);
  expect(calls()).toHaveLength(2);
});

test("where they can't, both are stand-ins, and stay so without another question", async () => {
  const { choose, calls, isLink, probes } = engineHome();
  const plugins = {
    docker: { kind: 'stand-in', version: DOCKER },
    gcp: { kind: 'stand-in', version: GCP },
  };
  expect(await choose(false)).toEqual(plugins);
  expect([isLink('docker'), isLink('gcp')]).toEqual([true, true]);
  expect(probes).toHaveLength(1);
  expect(await choose(true)).toEqual(plugins);
  expect(probes).toHaveLength(1);
  expect(calls()).toEqual([]);
});

test('a download that breaks off leaves nothing that could be taken for the official one', async () => {
  const { choose, folderOf, isLink } = engineHome('gcp');
  expect(await choose(true)).toMatchObject({
    docker: { kind: 'official' },
    gcp: { kind: 'stand-in' },
  });
  expect([isLink('docker'), isLink('gcp')]).toEqual([false, true]);
  expect(existsSync(`${folderOf('gcp')}.partial`)).toBe(false);
});

test('half a download of a start that was killed is no official plug-in', async () => {
  const { choose, folderOf, isLink } = engineHome();
  mkdirSync(folderOf('gcp'), { recursive: true });
  writeFileSync(`${folderOf('gcp')}.partial`, '');
  writeFileSync(join(folderOf('gcp'), 'pulumi-resource-gcp'), 'half');
  expect(await choose(false)).toMatchObject({ gcp: { kind: 'stand-in' } });
  expect(isLink('gcp')).toBe(true);
  expect(existsSync(`${folderOf('gcp')}.partial`)).toBe(false);
});
