import { expect, test } from 'vitest';
import { ARCHIVES, lockDownloads } from '../../infra/toolchain/lock-downloads.ts';
import { ENGINE_VERSION } from '../../infra/toolchain/pulumi-engine.ts';
import { LOCK } from '../../infra/toolchain/unpack-archive.ts';

const GO = [
  ...['pkg', 'sdk'].map((name) => `github.com/pulumi/pulumi/${name}/v3 v${ENGINE_VERSION}`),
  'github.com/distribution/distribution/v3 v3.1.0',
  'github.com/google/go-containerregistry v0.22.1',
].flatMap((module) => [module, `${module}/go.mod`]);

/** As Go's checksum database responds. */
function sumsOf(module: string): Promise<string> {
  const name = module.replace('@', ' ');
  return Promise.resolve(`1\n${name} h1:a=\n${name}/go.mod h1:b=\n\ngo.sum database tree\n`);
}

test('the lock has what the engine and the registries of tests are built from, and names nothing that is no longer downloaded', () => {
  expect(Object.keys(LOCK)).toEqual(expect.arrayContaining(GO));
  expect([...GO, ...ARCHIVES]).toEqual(expect.arrayContaining(Object.keys(LOCK)));
  for (const digest of Object.values(LOCK)) {
    expect(digest).toMatch(/^(?:h1:[\w+/]{43}=|sha256:[0-9a-f]{64})$/);
  }
});

test('a digest is fetched for each download that has none, and never for one that has', async () => {
  const [locked = '', ...others] = ARCHIVES;
  const fetched: string[] = [];
  const earlier = {
    [locked]: 'sha256:1',
    'https://get.pulumi.com/of-an-older-version': 'sha256:2',
  };
  const { lock, missing } = await lockDownloads(earlier, {
    archive: (url) => Promise.resolve(`sha256:${fetched.push(url)}`),
    goSums: sumsOf,
  });
  expect(fetched).toEqual(others);
  expect(missing).toEqual([]);
  expect(Object.keys(lock)).toEqual([...GO, ...ARCHIVES]);
  expect(lock[locked]).toBe('sha256:1');
  expect(GO.map((key) => lock[key])).toEqual(
    GO.map((key) => (key.endsWith('/go.mod') ? 'h1:b=' : 'h1:a=')),
  );
});

test('a digest that can not be had is reported, and never made up', async () => {
  const { lock, missing } = await lockDownloads(
    {},
    { archive: () => Promise.reject(new Error('offline')), goSums: () => Promise.resolve('1\n') },
  );
  expect(lock).toEqual({});
  expect(missing).toHaveLength(GO.length / 2 + ARCHIVES.length);
  expect(missing[0]).toMatch(/^github\.com\/pulumi\/pulumi\/pkg\/v3 v\S+: the database does not/);
  expect(missing.at(-1)).toBe(`${ARCHIVES.at(-1) ?? ''}: offline`);
});
