import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BASE, CATALOG, checkout, RETENTION, stackFile } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { CHECKOUT, DISK } from '../catalog/checkout.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';

const TAG: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);

function plan(args: readonly string[] = [], files: Record<string, string> = {}) {
  return printedBy(checkout(files), 'plan', ...args);
}

describe('plan', () => {
  test('prints a table with a line for each image', async () => {
    const { status, stdout } = await plan();
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['IMAGE', 'KIND', 'TAG', 'MADE FROM', 'PLATFORM', 'CONTEXT'],
      ['debian-12', 'container', TAG, 'docker.io/library/debian:12', 'linux/amd64', 'ctx'],
      [''],
    ]);
  });

  test('--json prints an array of exactly the documented fields', async () => {
    const { stdout } = await plan(['--json']);
    const [image, ...rest] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rest).toEqual([]);
    const hash: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(image).toEqual({
      name: 'debian-12',
      kind: 'container',
      repository: 'some-project/images/debian-12',
      tag: TAG,
      reference: `registry.test/some-project/images/debian-12:${String(image?.['tag'])}`,
      base: BASE,
      platform: 'linux/amd64',
      context: 'ctx',
      inputs: { base: hash, dockerfile: hash, context: hash, args: hash, platform: hash },
    });
  });

  test('shows a VM disk by the file that it is made from, and the rest with --json', async () => {
    const url = 'https://images.example/bookworm/20230612-1409/debian-12.qcow2.xz';
    const source = { url, checksum: `sha256:${'b'.repeat(64)}`, packing: 'xz', format: 'qcow2' };
    const entry = `  - { kind: vm-disk, distribution: debian, version: '12', context: disk, packing: xz, enlargeBy: 8G, url: ${url}, checksum: ${source.checksum} }\n`;
    const files = { 'config/images.yml': CATALOG + entry, 'disk/Dockerfile': CHECKOUT[DISK] ?? '' };
    const { stdout: table, stderr } = await plan([], files);
    expect(stderr).toBe('');
    expect(table).toMatch(
      /^vm-debian-12 +vm-disk +\w{32} +debian-12\.qcow2\.xz +linux\/amd64 +disk$/m,
    );
    const { stdout } = await plan(['--json'], files);
    const [, image] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(image).toMatchObject({ kind: 'vm-disk', source, enlargeBy: 8 * 1024 ** 3 });
    expect(image).not.toHaveProperty('base');
  });

  test('--stack chooses the settings, --catalog the images', async () => {
    const files = { 'other.yml': CATALOG.replace("'12'", "'13'") };
    const args = ['--json', '--stack', 'other', '--catalog', './other.yml'];
    const { stdout } = await plan(args, files);
    expect(stdout).toContain('"reference": "other.test/some-project/images/debian-13:');
  });

  test('warns of an allowed image that the catalog does not have', async () => {
    const files = { 'config/retention.yml': `${RETENTION}allow: [debian-12, debian-21]\n` };
    const { status, stderr } = await plan([], files);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: config\/retention\.yml: allow names debian-21, .*\n$/);
  });
});

test('mistakes in the files of a stack end with code 1, and all of them are reported', async () => {
  const { status, stdout, stderr } = await plan([], {
    'config/images.yml': `${CATALOG}  - {}\n`,
    'ctx/.dockerignore': 'a\n[\n',
    'Pulumi.prod.yaml': 'config: {}',
    'config/retention.yml': RETENTION.replace('90d', '90'),
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^config\/images\.yml:7:5 /m);
  expect(stderr).toMatch(/^ctx\/\.dockerignore:2.* DOCKERIGNORE_PATTERN$/m);
  expect(stderr).toMatch(/^Pulumi\.prod\.yaml {2}gcp:project {2}MISSING_SETTING$/m);
  expect(stderr).toMatch(/^config\/retention\.yml:2:9 {2}window {2}INVALID_DURATION$/m);
  expect(stderr).not.toMatch(/^ +at /m);
});

test.each([
  ['Pulumi.none.yaml', ['--stack', 'none'], /--stack/],
  ['Pulumi.none.yaml', ['--stack', 'my-org/none'], /--stack/],
  ['Pulumi.none.yaml', ['--stack', 'organization/kubernetes-ci-images/none'], /--stack/],
  ['none.yml', ['--catalog', 'none.yml'], /correct the path/],
])('%s that is missing ends with code 1', async (file, args, remedy) => {
  const { status, stderr } = await plan(args);
  expect(status).toBe(1);
  expect(stderr).toContain(`${file}  FILE_MISSING`);
  expect(stderr).toMatch(remedy);
});

test('a directory that is no checkout ends with code 1', async () => {
  const { status, stderr } = await printedBy(temporaryFolder(), 'plan');
  expect(status).toBe(1);
  expect(stderr).toMatch(/Pulumi\.yaml {2}FILE_MISSING[^]*top directory/);
});

test.each([
  [[], 'Usage: images'],
  [['frob'], "unknown command 'frob'"],
  [['plan', '--frob'], "unknown option '--frob'"],
  [['plan', 'frob'], 'too many arguments'],
  ...['../..', 'prod/', '/prod', 'a/b/c/prod', '../prod', 'a b'].map(
    (stack): [string[], string] => [['plan', '--stack', stack], 'A stack name holds letters'],
  ),
  [['plan', '--catalog', '../images.yml'], 'a file inside the checkout'],
  [['verify'], "missing required argument 'name'"],
  ...['0', '-1', '1.5', 'ten', '86401', ''].map((timeout): [string[], string] => [
    ['verify', 'debian-12', '--timeout', timeout],
    'whole seconds, at most a day',
  ]),
])('the wrong command line %j ends with code 2', async (args, message) => {
  const { status, stdout, stderr } = await printedBy(temporaryFolder(), ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('schema writes the files, --check accepts them, and refuses any other', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'config'));
  const files = ['images', 'retention'].map((name) => `config/${name}.schema.json`);
  expect((await printedBy(cwd, 'schema', '--check')).status).toBe(1);
  expect((await printedBy(cwd, 'schema')).stdout).toBe(
    files.map((file) => `${file} written\n`).join(''),
  );
  expect((await printedBy(cwd, 'schema', '--check')).status).toBe(0);
  for (const file of files) {
    expect(readFileSync(join(cwd, file), 'utf8')).toContain('"$schema"');
    writeFileSync(join(cwd, file), '{}');
    expect((await printedBy(cwd, 'schema', '--check')).stderr).toContain(`${file}  STALE_SCHEMA`);
    expect(readFileSync(join(cwd, file), 'utf8')).toBe('{}');
    expect((await printedBy(cwd, 'schema')).stdout).toBe(`${file} written\n`);
  }
});

test('verify names the image that was meant, before any request to a registry', async () => {
  const { status, stderr } = await printedBy(checkout({}), 'verify', 'debian-21');
  expect(status).toBe(1);
  expect(stderr).toMatch(/UNKNOWN_IMAGE\n.*there is no image "debian-21"; .*debian-12/);
});

test('verify names the platforms of the image, before any request to a registry', async () => {
  const args = ['verify', 'debian-12', '--platform', 'linux/arm64'];
  const { status, stderr } = await printedBy(checkout({}), ...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/UNKNOWN_PLATFORM\n.*debian-12 is not for linux\/arm64; .*linux\/amd64/);
});

test('verify takes the image of one platform out of the index, since Docker keeps its digest for one alone', async () => {
  const [one, two] = ['c', 'd'].map((digit) => `sha256:${digit.repeat(64)}`);
  const manifests = [one, two].map((digest, at) => {
    return { digest, platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' } };
  });
  const body = JSON.stringify({ manifests });
  const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
  const { registry, asked } = await scriptedServer(
    { status: 200, headers, body },
    ({ method, url }) =>
      method === 'HEAD'
        ? {
            status: 200,
            headers: {
              'content-type': 'application/vnd.oci.image.manifest.v1+json',
              'content-length': '9',
              'docker-content-digest': url.split('/').at(-1) ?? '',
            },
          }
        : { status: 404 },
  );
  const disk = (letter: string) =>
    `{ url: 'https://images.example/20230612/debian-12-${letter}.qcow2', checksum: sha256:${letter.repeat(64)} }`;
  const entry = `  - { kind: vm-disk, distribution: debian, version: '12', context: disk, disks: { linux/amd64: ${disk('a')}, linux/arm64: ${disk('b')} } }\n`;
  const root = checkout({
    'config/images.yml': CATALOG + entry,
    'disk/Dockerfile': CHECKOUT[DISK] ?? '',
    'Pulumi.prod.yaml': stackFile(registry),
  });
  const { stderr } = await printedBy(root, 'verify', 'vm-debian-12', '--platform', 'linux/amd64');
  expect(stderr).toContain('MANIFEST_MISSING');
  expect(asked.at(-1)?.url).toContain(one);
  expect(asked.filter(({ method }) => method === 'GET')).toHaveLength(2);
});

test('the help lists all subcommands, and each has its own', async () => {
  const root = temporaryFolder();
  const { status, stdout } = await printedBy(root, '--help');
  expect(status).toBe(0);
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].flatMap(([, name = '']) => name);
  expect(names).toEqual(expect.arrayContaining(['build', 'plan', 'which']));
  for (const name of names.filter((each) => each !== 'help')) {
    const help = await printedBy(root, name, '--help');
    expect(help.stdout).toContain(`Usage: images ${name} [options]`);
  }
  const misspelled = await printedBy(root, 'plam');
  expect(misspelled.status).toBe(2);
  expect(misspelled.stderr).toContain('Did you mean plan?');
});
