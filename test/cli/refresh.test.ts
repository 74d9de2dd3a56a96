import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { CATALOG, checkout } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { FOUND, GONE, NEW, refresh, upstream } from './refresh-fixture.ts';
import { basicAuthorization } from '../../src/url.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Asked, type Line, type Reply } from '../registry/scripted-server.ts';

const OLD = `sha256:${'a'.repeat(64)}`;
const FILE = 'config/images.yml';
const TAG: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);

/** The logins of this machine do not count. */
beforeEach(() => {
  vi.stubEnv('DOCKER_CONFIG', temporaryFolder());
});

/** An upstream, and a checkout whose images follow bases in it: `debian` of the fixture is pinned to OLD. */
async function stale({ more = '', line = upstream, pin = `@${OLD}` } = {}) {
  const { registry, asked } = await scriptedServer(line);
  const text = `# what to build\n${CATALOG}${more}`
    .replaceAll(/base: \S+/g, (written) => written.replace('docker.io', registry))
    .replace(`@${OLD}`, pin);
  const root = checkout({ [FILE]: text });
  return { root, text, registry, asked, read: () => readFileSync(join(root, FILE), 'utf8') };
}

describe('refresh', () => {
  test('changes the pin of a base that has moved, and prints old, new and why', async () => {
    const { root, text, registry, read } = await stale();
    const { status, stdout, stderr } = await refresh(root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(read()).toBe(text.replace(OLD, NEW));
    const short = (digest: string) => digest.slice(0, 19);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['PLACE', 'WHAT', 'OLD', 'NEW', 'WHY'],
      [`${FILE}:5`, 'base', short(OLD), short(NEW), `${registry}/library/debian:12 has moved`],
      [''],
      ['IMAGE', 'OLD TAG', 'NEW TAG'],
      ['debian-12', TAG, TAG],
      [''],
      [`${FILE}: 1 value changed.`],
      [''],
    ]);
  });

  test('--json prints changes, tags and what is kept', async () => {
    const { root, registry } = await stale({ more: GONE });
    const { stdout } = await refresh(root, '--json');
    const base = { kind: 'base', file: FILE, column: 11 };
    expect(JSON.parse(stdout)).toEqual({
      written: true,
      changes: [
        {
          ...base,
          line: 5,
          path: 'images[0].base',
          images: ['debian-12'],
          from: OLD,
          to: NEW,
          why: `${registry}/library/debian:12 has moved`,
        },
      ],
      tags: [{ image: 'debian-12', from: TAG, to: TAG }],
      kept: [
        {
          ...base,
          line: 10,
          path: 'images[1].base',
          images: ['debian-13'],
          code: 'BASE_MISSING',
          problem: `the registry has no ${registry}/gone/debian:12`,
          remedy: expect.any(String) as unknown,
        },
      ],
      notFollowed: [],
      passedOver: [],
    });
  });

  test('pins a base for the first use, where plan names it as the remedy', async () => {
    const { root, text, read } = await stale({ pin: '' });
    const unpinned = await printedBy(root, 'plan');
    expect(unpinned.status).toBe(1);
    expect(unpinned.stderr).toMatch(/UNPINNED_BASE[^]*`npm run images -- refresh`/);
    expect((await refresh(root)).stdout).toMatch(/^debian-12 +none +[0-9a-f]{32}$/m);
    expect(read()).toBe(text.replace('debian:12', `debian:12@${NEW}`));
    expect((await printedBy(root, 'plan')).status).toBe(0);
  });

  test('shows the account of the Docker config to a registry that wants one', async () => {
    const wantsToken = ({ url, headers }: Asked): Reply => {
      if (url.startsWith('/token')) {
        const isCi = headers.authorization === basicAuthorization('ci', 'open sesame');
        return isCi ? { status: 200, body: '{"token":"tok3n"}' } : { status: 401 };
      }
      if (headers.authorization === 'Bearer tok3n') return FOUND;
      const challenge = `Bearer realm="http://${headers.host ?? ''}/token",service="test"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    };
    const { root, registry, text, read } = await stale({ line: wantsToken });
    const refused = await refresh(root);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('REGISTRY_UNAUTHORIZED');
    expect(read()).toBe(text);
    const auth = Buffer.from('ci:open sesame').toString('base64');
    const config = join(process.env['DOCKER_CONFIG'] ?? '', 'config.json');
    writeFileSync(config, JSON.stringify({ auths: { [registry]: { auth } } }));
    expect((await refresh(root)).status).toBe(0);
    expect(read()).toContain(NEW);
  });
});

describe('a base that can not be looked up', () => {
  test('keeps its pin, is named at its place, and ends with 1; the others are refreshed', async () => {
    const { root, text, read } = await stale({ more: GONE });
    const { status, stderr } = await refresh(root);
    expect(status).toBe(1);
    expect(read()).toBe(text.replace(OLD, NEW));
    expect(stderr).toMatch(
      /^config\/images\.yml:10:11 {2}images\[1\]\.base {2}BASE_MISSING\n {2}the base of debian-13 stays: .*; /,
    );
  });

  test('alone leaves the file untouched', async () => {
    const { root, text, read } = await stale({ line: { status: 404 } });
    const { status, stdout } = await refresh(root);
    expect({ status, stdout }).toEqual({ status: 1, stdout: `${FILE} stays as it is.\n` });
    expect(read()).toBe(text);
  });
});

test.each([
  ['something is stale', {}, 4, '1 value stale; nothing is written.'],
  ['nothing is stale', { pin: `@${NEW}` }, 0, 'is fresh'],
  ['a lookup fails and something else is stale', { more: GONE }, 4, '1 value stale'],
  ['a lookup fails and nothing else is stale', { pin: `@${NEW}`, more: GONE }, 1, 'stays as it is'],
])('--check writes nothing where %s', async (_, state, code, printed) => {
  const { root, text, read } = await stale(state);
  const { status, stdout, stderr } = await refresh(root, '--check');
  expect(status).toBe(code);
  expect(stdout).toContain(printed);
  expect(stderr.includes('BASE_MISSING')).toBe('more' in state);
  expect(read()).toBe(text);
});

test('--only refreshes what it names', async () => {
  const { root, asked } = await stale({ more: GONE });
  const { status } = await refresh(root, '--only', 'debian-12');
  expect(status).toBe(0);
  expect(asked.some(({ url }) => url.includes('/gone/'))).toBe(false);
  const other = await refresh(root, '--only', 'debian-12', 'debian-31');
  expect(other.status).toBe(1);
  expect(other.stderr).toContain('did you mean debian-13?');
});

test('--snapshot moves the snapshots to the day that it names', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-02-28T23:59:59Z') });
  onTestFinished(() => void vi.useRealTimers());
  const more = '    snapshot: 2026-01-01 # day\n';
  const { root, text, read } = await stale({ pin: `@${NEW}`, more });
  await refresh(root, '--snapshot', '2026-01-31');
  expect(read()).toBe(text.replace('2026-01-01', '2026-01-31'));
  await refresh(root, '--snapshot', 'today');
  expect(read()).toContain('snapshot: 2026-02-28 # day');
});

test.each(['2026-02-30', '9999-01-01', 'tomorrow', ''])('--snapshot %j is refused', async (day) => {
  const { status, stderr } = await refresh(temporaryFolder(), '--snapshot', day);
  expect(status).toBe(2);
  expect(stderr).toContain('Write today, or a day that has come');
});

describe('the file', () => {
  test('keeps its mode and its byte order mark, and nothing is left beside it', async () => {
    const { root, text, read } = await stale();
    writeFileSync(join(root, FILE), `\uFEFF${text}`);
    chmodSync(join(root, FILE), 0o606);
    await refresh(root);
    expect(read()).toBe(`\uFEFF${text.replace(OLD, NEW)}`);
    expect(statSync(join(root, FILE)).mode & 0o777).toBe(0o606);
    expect(readdirSync(join(root, 'config')).toSorted()).toEqual(['images.yml', 'retention.yml']);
  });

  test('is not written over what somebody has changed meanwhile', async () => {
    let place = '';
    const line: Line = () => {
      writeFileSync(place, 'images: []\n');
      return FOUND;
    };
    const { root, read } = await stale({ line });
    place = join(root, FILE);
    const { status, stderr } = await refresh(root);
    expect(status).toBe(1);
    expect(stderr).toContain(`${FILE}  CHANGED_MEANWHILE`);
    expect(read()).toBe('images: []\n');
  });

  test('is the catalog of the stack', async () => {
    const { root, text } = await stale();
    const settings = readFileSync(join(root, 'Pulumi.other.yaml'), 'utf8');
    mkdirSync(join(root, 'other'));
    writeFileSync(join(root, 'other/images.yml'), text);
    const file = `${settings}  kubernetes-ci-images:catalog: other/images.yml\n`;
    writeFileSync(join(root, 'Pulumi.other.yaml'), file);
    await refresh(root, '--stack', 'other');
    expect(readFileSync(join(root, 'other/images.yml'), 'utf8')).toBe(text.replace(OLD, NEW));
    expect(readFileSync(join(root, FILE), 'utf8')).toBe(text);
  });
});
