import { expect, test } from 'vitest';
import { attester } from '../../infra/oci/attest.ts';
import { parseRegistry, parseRepository } from '../../src/image-reference.ts';
import type { Packages } from '../../src/packages/package-list.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { known } from '../support/fixtures.ts';

const DIGEST = digestOf(Buffer.from('an image'));
const PROVENANCE = {
  buildDefinition: { buildType: 'https://a.test/', externalParameters: {} },
  runDetails: { builder: { id: 'https://a.test/' } },
};

/** What the run says of the packages of a disk for a platform, of which its boot has kept a list. */
async function logged(platform: string, kept: Packages | undefined): Promise<readonly string[]> {
  const lines: string[] = [];
  const attest = attester({
    listContainer: () => Promise.reject(new Error('a disk is no container')),
    keptList: (digest) => Promise.resolve(digest === DIGEST ? kept : undefined),
    now: () => new Date(0),
  });
  await attest(
    {
      client: { putBlob: () => Promise.resolve(DIGEST), putReferrer: () => Promise.resolve(true) },
      registry: known(parseRegistry('127.0.0.1:9')),
      repository: known(parseRepository('a/b')),
    },
    [{ platform, descriptor: { digest: DIGEST, mediaType: 'a/b', size: 1 } }],
    { [platform]: { kind: 'vm-disk', provenance: PROVENANCE } },
    { log: (_, line) => lines.push(line), signal: new AbortController().signal },
  );
  return lines;
}

test.each<[string, Packages | undefined, RegExp | undefined]>([
  [
    'linux/amd64',
    {
      kind: 'known',
      list: {
        format: 'deb',
        distribution: { id: 'debian', version: '12' },
        packages: [{ name: 'a', version: '1', architecture: 'all' }],
      },
    },
    undefined,
  ],
  ['linux/amd64', { kind: 'unknown', reason: 'no cloud-init' }, /: no cloud-init$/],
  ['linux/amd64', undefined, /was not booted in the run that published it.*`verify`/],
  ['linux/arm64', undefined, /only disks for linux\/amd64 are booted/],
])(
  'the list of a disk for %s is that of its boot, %j, or says why there is none',
  async (platform, kept, reason) => {
    const lines = await logged(platform, kept);
    expect(lines).toEqual(reason === undefined ? [] : [expect.stringMatching(reason)]);
  },
);
