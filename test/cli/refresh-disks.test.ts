import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { refresh } from './refresh-fixture.ts';
import { scriptedServer, type Reply } from '../registry/scripted-server.ts';

const FILE = 'config/images.yml';
const [OLD_SUM, NEW_SUM] = ['a', 'b'].map((digit) => `sha512:${digit.repeat(128)}`) as [
  string,
  string,
];
const [OLD_BUILD, NEW_BUILD] = ['20240101-1', '20250101-2'];
const SUMS = `${NEW_SUM.slice('sha512:'.length)}  debian-12-generic-amd64-${NEW_BUILD}.qcow2`;

/** A publisher whose checksum file is `sums`, and a checkout with a disk of it beside another one's. */
async function staleDisk(sums: Reply, oldSums: Reply = { status: 404 }) {
  const { origin } = await scriptedServer(({ url }) => {
    if (url === '/bookworm/') {
      return { status: 200, body: `<a href="${NEW_BUILD}/">x</a><a href="../">y</a>` };
    }
    if (url === `/bookworm/${NEW_BUILD}/SHA512SUMS`) return sums;
    if (url === `/bookworm/${OLD_BUILD}/SHA512SUMS`) return oldSums;
    if (url === '/noble/') return { status: 200, body: '<a href="20260102/">20260102</a>' };
    const file = 'noble-server-cloudimg-amd64.img';
    return { status: 200, body: `${'d'.repeat(64)} *${file}` };
  });
  const disks = [
    `  - kind: vm-disk\n    distribution: debian\n    version: '12'`,
    `    url: ${origin}/bookworm/${OLD_BUILD}/debian-12-generic-amd64-${OLD_BUILD}.qcow2 # stays`,
    `    checksum: ${OLD_SUM}`,
    `  - kind: vm-disk\n    distribution: ubuntu\n    version: '24.04'`,
    `    url: ${origin}/noble/20260101/noble-server-cloudimg-amd64.img`,
    `    checksum: sha256:${'c'.repeat(64)}`,
    `  - kind: vm-disk\n    distribution: oracle\n    version: '7.6'`,
    `    url: ${origin}/oracle-76.qcow2\n    checksum: sha256:${'e'.repeat(64)}\n`,
  ].join('\n');
  const context = readFileSync('config/contexts/vm-disk/Dockerfile', 'utf8');
  const text = `images:\n${disks}`;
  const root = checkout({ [FILE]: text, 'config/contexts/vm-disk/Dockerfile': context });
  const others = text.replace('20260101', '20260102').replace('c'.repeat(64), 'd'.repeat(64));
  const all = others.replaceAll(OLD_BUILD, NEW_BUILD).replace(OLD_SUM, NEW_SUM);
  return { root, text, others, all, read: () => readFileSync(join(root, FILE), 'utf8') };
}

test('a VM disk is pinned to the newest build and its checksum; what is not followed is named', async () => {
  const { root, all, read } = await staleDisk({ status: 200, body: SUMS });
  const { status, stdout, stderr } = await refresh(root);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(read()).toBe(all);
  expect(stdout).toMatch(/:5 +url +20240101-1 +20250101-2 +a newer build is published$/m);
  expect(stdout).toMatch(/^vm-debian-12 +[0-9a-f]{32} +[0-9a-f]{32}$/m);
  expect(stdout).toMatch(/4 values changed\.\nNot followed: vm-oracle-76\.\n$/);
  const again = await refresh(root, '--json');
  expect(again.status).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ changes: [], notFollowed: ['vm-oracle-76'] });
});

test('a VM disk stays while the newer build is published in part, and the output says so', async () => {
  const sums = `${OLD_SUM.slice('sha512:'.length)}  debian-12-generic-amd64-${OLD_BUILD}.qcow2`;
  const { root, others, read } = await staleDisk({ status: 404 }, { status: 200, body: sums });
  const { status, stdout, stderr } = await refresh(root);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(read()).toBe(others);
  const problem = expect.stringMatching(`/${NEW_BUILD}/SHA512SUMS is not there$`) as unknown;
  expect(stdout).toContain('\nA newer build is not published as a whole yet: http');
  const again = await refresh(root, '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ kept: [], passedOver: [problem] });
});

test('a VM disk stays, and the others do not, where its checksum file can not be read', async () => {
  const { root, others, read } = await staleDisk({ status: 403 });
  const { status, stderr } = await refresh(root);
  expect(status).toBe(1);
  expect(read()).toBe(others);
  expect(stderr).toMatch(
    /^config\/images\.yml:5:10 {2}images\[0\]\.url {2}SOURCE_UNREACHABLE\n {2}the url of vm-debian-12 stays: /,
  );
});
