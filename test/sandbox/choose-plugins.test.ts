import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { expect, test } from 'vitest';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import gcpPackage from '@pulumi/gcp/package.json' with { type: 'json' };
import { choosePlugins } from '../../infra/sandbox/choose-plugins.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';

const VERSIONS = { docker: dockerPackage.version, gcp: gcpPackage.version };
const NOWHERE = 'http://127.0.0.1:9/';

/** A server with the plug-ins, except those whose download breaks off. */
async function releases(broken = 'none') {
  const folder = temporaryFolder();
  for (const name of ['docker', 'gcp']) {
    writeFileSync(join(folder, `pulumi-resource-${name}`), 'official', { mode: 0o755 });
    const files = [`pulumi-resource-${name}`];
    await create({ cwd: folder, gzip: true, file: join(folder, `${name}.tar.gz`) }, files);
  }
  const { origin, asked } = await scriptedServer(({ method, url }, response) => {
    if (method === 'HEAD') return { status: 200 };
    const [, name = '', version] =
      /^\/pulumi-resource-(\w+)-v([\d.]+)-\w+-\w+\.tar\.gz$/.exec(url) ?? [];
    expect(version).toBe(VERSIONS[name as keyof typeof VERSIONS]);
    const body = readFileSync(join(folder, `${name}.tar.gz`));
    if (name !== broken) return { status: 200, body };
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 20), () => response.destroy());
    return undefined;
  });
  return { url: `${origin}/`, asked };
}

/** An engine's home folder, and a choice in it. */
function engineHome() {
  const home = temporaryFolder();
  const notes: string[] = [];
  const choose = (url: string) => choosePlugins(home, (line) => notes.push(line), url);
  const folderOf = (name: 'docker' | 'gcp') =>
    join(home, 'plugins', `resource-${name}-v${VERSIONS[name]}`);
  const isLink = (name: 'docker' | 'gcp') =>
    lstatSync(join(folderOf(name), `pulumi-resource-${name}`)).isSymbolicLink();
  return { home, notes, choose, folderOf, isLink };
}

function allOf(kind: 'official' | 'stand-in') {
  return {
    docker: { kind, version: VERSIONS.docker },
    gcp: { kind, version: VERSIONS.gcp },
  };
}

test('where downloads can be reached both are the official ones, downloaded once', async () => {
  const { choose, isLink, notes } = engineHome();
  const { url, asked } = await releases();
  expect(await choose(url)).toEqual(allOf('official'));
  expect([isLink('docker'), isLink('gcp')]).toEqual([false, false]);
  expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'GET']);
  expect(notes).toContainEqual(expect.stringMatching(/^sha256:\w{64} came, which .*lock/));
  expect(await choose(NOWHERE)).toEqual(allOf('official'));
});

test("where they can't, both are stand-ins, and stay so without another question", async () => {
  const { choose, isLink } = engineHome();
  expect(await choose(NOWHERE)).toEqual(allOf('stand-in'));
  expect([isLink('docker'), isLink('gcp')]).toEqual([true, true]);
  const { url, asked } = await releases();
  expect(await choose(url)).toEqual(allOf('stand-in'));
  expect(asked).toEqual([]);
});

test('a download that breaks off leaves nothing that could be taken for the official one', async () => {
  const { home, choose, isLink, notes } = engineHome();
  const { url } = await releases('gcp');
  expect(await choose(url)).toMatchObject({
    docker: { kind: 'official' },
    gcp: { kind: 'stand-in' },
  });
  expect([isLink('docker'), isLink('gcp')]).toEqual([false, true]);
  expect(readdirSync(join(home, 'plugins'))).toHaveLength(2);
  expect(notes.at(-1)).toMatch(/^the download failed .*stands in for it$/);
});

test('half a download of a start that was killed is no official plug-in', async () => {
  const { choose, folderOf, isLink } = engineHome();
  mkdirSync(`${folderOf('gcp')}.abc123`, { recursive: true });
  writeFileSync(join(`${folderOf('gcp')}.abc123`, 'pulumi-resource-gcp'), 'half');
  expect(await choose(NOWHERE)).toMatchObject({ gcp: { kind: 'stand-in' } });
  expect(isLink('gcp')).toBe(true);
});
