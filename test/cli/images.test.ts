import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BASE, CATALOG, checkout, RETENTION } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { CHECKOUT, DISK } from '../catalog/checkout.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

function images(args: readonly string[], files: Record<string, string> = {}) {
  return printedBy(checkout(files), ...args);
}

test('plan prints a table with a line for each image', async () => {
  const { status, stdout } = await images(['plan']);
  expect(status).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['IMAGE', 'KIND', 'TAG', 'MADE FROM', 'PLATFORM', 'CONTEXT'],
    [
      'debian-12',
      'container',
      expect.stringMatching(/^[0-9a-f]{32}$/),
      'docker.io/library/debian:12',
      'linux/amd64',
      'ctx',
    ],
    [''],
  ]);
});

test('plan --json prints an array of exactly the documented fields', async () => {
  const { stdout } = await images(['plan', '--json']);
  const [image, ...rest] = JSON.parse(stdout) as Record<string, unknown>[];
  expect(rest).toEqual([]);
  const hash: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
  const tag = String(image?.['tag']);
  expect(image).toEqual({
    name: 'debian-12',
    kind: 'container',
    repository: 'some-project/images/debian-12',
    tag: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
    reference: `registry.test/some-project/images/debian-12:${tag}`,
    base: BASE,
    platform: 'linux/amd64',
    context: 'ctx',
    inputs: { base: hash, dockerfile: hash, context: hash, args: hash, platform: hash },
  });
});

test('plan shows a VM disk by the file that it is made from, and says the rest with --json', async () => {
  const url = 'https://images.example/bookworm/20230612-1409/debian-12.qcow2.xz';
  const source = { url, checksum: `sha256:${'b'.repeat(64)}`, packing: 'xz', format: 'qcow2' };
  const entry = `  - { kind: vm-disk, distribution: debian, version: '12', context: disk, packing: xz, enlargeBy: 8G, url: ${url}, checksum: ${source.checksum} }\n`;
  const files = { 'config/images.yml': CATALOG + entry, 'disk/Dockerfile': CHECKOUT[DISK] ?? '' };
  const { stdout: table, stderr } = await images(['plan'], files);
  expect(stderr).toBe('');
  const line = table.split('\n')[2]?.split(/ {2,}/) ?? [];
  expect(line.toSpliced(2, 1)).toEqual([
    ...['vm-debian-12', 'vm-disk', 'debian-12.qcow2.xz', 'linux/amd64', 'disk'],
  ]);
  const { stdout } = await images(['plan', '--json'], files);
  const [, image] = JSON.parse(stdout) as Record<string, unknown>[];
  expect(image).toMatchObject({ kind: 'vm-disk', source, enlargeBy: 8 * 1024 ** 3 });
  expect(image).not.toHaveProperty('base');
});

test('--stack chooses the settings, --catalog what to plan', async () => {
  const other = { 'other.yml': CATALOG.replace("'12'", "'13'") };
  const { stdout } = await images(
    ['plan', '--json', '--stack', 'other', '--catalog', './other.yml'],
    other,
  );
  expect(stdout).toContain('"reference": "other.test/some-project/images/debian-13:');
});

test('plan warns of an allowed image that the catalog does not have', async () => {
  const files = { 'config/retention.yml': `${RETENTION}allow: [debian-12, debian-21]\n` };
  const { status, stderr } = await images(['plan'], files);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^warning: config\/retention\.yml: allow names debian-21, .*\n$/);
});

describe('a mistake in the input ends with code 1 and all problems on stderr, and prints no plan', () => {
  test.each<
    [what: string, args: readonly string[], files: Record<string, string>, said: readonly string[]]
  >([
    ['the catalog', [], { 'config/images.yml': 'images: [{}, 7]' }, ['config/images.yml:1:']],
    [
      'a context',
      [],
      { 'ctx/.dockerignore': 'a\n[\n' },
      ['ctx/.dockerignore:2', 'DOCKERIGNORE_PATTERN'],
    ],
    [
      'the settings',
      [],
      { 'Pulumi.prod.yaml': 'config: {}' },
      ['gcp:project  MISSING_SETTING', 'repositoryId  MISSING_SETTING'],
    ],
    [
      'the retention file',
      [],
      { 'config/retention.yml': RETENTION.replace('90d', '90') },
      ['config/retention.yml:2:9  window  INVALID_DURATION'],
    ],
    ['no such stack', ['--stack', 'none'], {}, ['Pulumi.none.yaml  FILE_MISSING']],
    ['no such catalog', ['--catalog', 'none.yml'], {}, ['none.yml  FILE_MISSING']],
  ])('%s', async (_, args, files, said) => {
    const { status, stdout, stderr } = await images(['plan', ...args], files);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    for (const text of said) expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('a directory that is no checkout', async () => {
    const { status, stderr } = await printedBy(temporaryFolder(), 'plan');
    expect(status).toBe(1);
    expect(stderr).toMatch(/Pulumi\.yaml {2}FILE_MISSING[^]*top directory/);
  });
});

describe('a wrong command line ends with code 2', () => {
  test.each([
    [['frob']],
    [['plan', '--frob']],
    [['plan', 'frob']],
    [['plan', '--stack', '../prod']],
    [['plan', '--catalog', '../images.yml']],
    [[]],
  ])('%j', async (args) => {
    const { status, stdout } = await printedBy(temporaryFolder(), ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
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
  const { status, stderr } = await images(['verify', 'debian-21']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/UNKNOWN_IMAGE\n.*there is no image "debian-21"; .*debian-12/);
});

test('verify wants a name, and whole seconds of at most a day', async () => {
  expect((await images(['verify'])).status).toBe(2);
  for (const timeout of ['0', '-1', '1.5', 'ten', '86401', '']) {
    const { status, stderr } = await images(['verify', 'debian-12', '--timeout', timeout]);
    expect(status).toBe(2);
    expect(stderr).toContain('whole seconds');
  }
});
