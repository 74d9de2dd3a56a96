import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import { debianLines, debianStanzas, ubuntuLines, ubuntuStanzas } from './base-sources.ts';

const SCRIPT = join(CHECKOUT, 'config/contexts/apt/scripts/dated-sources.sh');
const STAMP = '20261101T000000Z';
const DEBIAN = `http://snapshot.debian.org/archive/debian/${STAMP}`;
const SECURITY = `http://snapshot.debian.org/archive/debian-security/${STAMP}`;
const UBUNTU = `http://snapshot.ubuntu.com/ubuntu/${STAMP}`;
const LIVE = ['http://deb.debian.org/debian', 'http://deb.debian.org/debian-security'] as const;
const LINE = '[check-valid-until=no] ';
const FIELD = 'Check-Valid-Until: no\n';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dated-sources-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script on a base with this file below /etc/apt; what it made of it, and what it said. */
async function date(id: string, file: string, text: string, env: Record<string, string> = {}) {
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  write('root/etc/os-release', `NAME="Some distribution"\nID=${id}\n`);
  write(`root/etc/apt/${file}`, text);
  mkdirSync(join(folder, 'work'));
  const { stderr } = await promisify(execFile)(
    'sh',
    [SCRIPT, join(folder, 'work'), join(folder, 'root')],
    {
      env: {
        SNAPSHOT: '2026-11-01',
        DEBIAN_SNAPSHOTS: 'http://snapshot.debian.org/archive',
        UBUNTU_SNAPSHOTS: 'http://snapshot.ubuntu.com/ubuntu',
        ...env,
      },
    },
  );
  expect(readFileSync(join(folder, 'root/etc/apt', file), 'utf8')).toBe(text);
  return { dated: readFileSync(join(folder, 'work', file), 'utf8'), stderr };
}

describe('the sources of each base, as of a day; what is commented out stays', () => {
  const archive = 'http://archive.ubuntu.com/ubuntu/';
  const security = 'http://security.ubuntu.com/ubuntu/';
  const ports = 'http://ports.ubuntu.com/ubuntu-ports/';
  const list = 'sources.list';
  const debian = 'sources.list.d/debian.sources';
  const ubuntu = 'sources.list.d/ubuntu.sources';
  test.each([
    ['debian 11', 'debian', list, debianLines(...LIVE), debianLines(DEBIAN, SECURITY, LINE)],
    [
      'debian 12',
      'debian',
      debian,
      debianStanzas('bookworm', ...LIVE),
      debianStanzas('bookworm', DEBIAN, SECURITY, FIELD),
    ],
    [
      'debian 13',
      'debian',
      debian,
      debianStanzas('trixie', ...LIVE),
      debianStanzas('trixie', DEBIAN, SECURITY, FIELD),
    ],
    [
      'a debian of mmdebstrap',
      'debian',
      list,
      debianLines('http://deb.debian.org/debian', 'http://security.debian.org/debian-security'),
      debianLines(DEBIAN, SECURITY, LINE),
    ],
    [
      'ubuntu 20.04',
      'ubuntu',
      list,
      ubuntuLines('focal', archive, security),
      ubuntuLines('focal', UBUNTU, UBUNTU, LINE),
    ],
    [
      'ubuntu 22.04',
      'ubuntu',
      list,
      ubuntuLines('jammy', archive, security),
      ubuntuLines('jammy', UBUNTU, UBUNTU, LINE),
    ],
    [
      'ubuntu 22.04 of a cloud',
      'ubuntu',
      list,
      ubuntuLines('jammy', 'http://europe-west1.gce.archive.ubuntu.com/ubuntu/', security),
      ubuntuLines('jammy', UBUNTU, UBUNTU, LINE),
    ],
    [
      'ubuntu 22.04 on arm64',
      'ubuntu',
      list,
      ubuntuLines('jammy', ports, ports),
      ubuntuLines('jammy', UBUNTU, UBUNTU, LINE),
    ],
    [
      'ubuntu 24.04',
      'ubuntu',
      ubuntu,
      ubuntuStanzas('noble', archive, security),
      ubuntuStanzas('noble', UBUNTU, UBUNTU, FIELD),
    ],
    [
      'ubuntu 26.04',
      'ubuntu',
      ubuntu,
      ubuntuStanzas('resolute', archive, security),
      ubuntuStanzas('resolute', UBUNTU, UBUNTU, FIELD),
    ],
  ])('%s', async (_, id, file, live, expected) => {
    expect(await date(id, file, live)).toEqual({ dated: expected, stderr: '' });
  });
});

test('options of a one-line source are kept', async () => {
  const { dated } = await date(
    'debian',
    'sources.list',
    'deb [ arch=amd64 signed-by=/key.gpg ] https://deb.debian.org/debian/ sid main\n',
  );
  expect(dated).toBe(
    `deb [check-valid-until=no  arch=amd64 signed-by=/key.gpg ] ${DEBIAN} sid main\n`,
  );
});

test('a mirror of the dated archives stands in for them', async () => {
  const mirror = { DEBIAN_SNAPSHOTS: 'https://mirror.example/snapshots/' };
  const { dated } = await date('debian', 'sources.list', debianLines(...LIVE), mirror);
  const at = (archive: string) => `https://mirror.example/snapshots/${archive}/${STAMP}`;
  expect(dated).toBe(debianLines(at('debian'), at('debian-security'), LINE));
});

test('an address that sed would take for something else is refused', async () => {
  const dating = date('debian', 'sources.list', debianLines(...LIVE), { DEBIAN_SNAPSHOTS: 'a&b' });
  await expect(dating).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a&b is no plain address') as string,
  });
});

test('each address of a stanza is dated, and only the host of the dated ones preferred', async () => {
  const stanza = (...addresses: string[]) => `Types: deb\nURIs: ${addresses.join(' ')}\n`;
  const third = 'https://download.example/ubuntu';
  const two = ['http://archive.ubuntu.com/ubuntu/', 'http://de.archive.ubuntu.com/ubuntu'];
  const { dated, stderr } = await date('ubuntu', 'sources.list.d/a.sources', stanza(...two, third));
  expect(dated).toBe(stanza(UBUNTU, UBUNTU, third).replace('URIs', `${FIELD}URIs`));
  expect(stderr).toBe(`dated-sources.sh: as of today: URIs: ${third}\n`);
  const preferred = readFileSync(join(folder, 'work/preferences.d/zz-dated'), 'utf8');
  expect(preferred.match(/(?<=origin ").*(?=")/g)).toEqual(['snapshot.ubuntu.com']);
});

describe('where the date only forces a rebuild', () => {
  const third = 'deb https://download.example/debian bookworm stable\n';

  test.each([
    ['a derived distribution', 'raspbian', {}],
    ['Debian without a dated archive', 'debian', { DEBIAN_SNAPSHOTS: '' }],
  ])('%s keeps its sources, and each is named', async (_, id, env) => {
    const { dated, stderr } = await date(id, 'sources.list', `# live\n${third}`, env);
    expect(dated).toBe(`# live\n${third}`);
    expect(stderr).toBe(`dated-sources.sh: as of today: ${third}`);
  });

  test("a third party's source stays beside dated ones, and is named", async () => {
    const live = `${debianLines(...LIVE)}${third}`;
    const { dated, stderr } = await date('debian', 'sources.list', live);
    expect(dated).toBe(`${debianLines(DEBIAN, SECURITY, LINE)}${third}`);
    expect(stderr).toBe(`dated-sources.sh: as of today: ${third}`);
  });

  test('Debian and Ubuntu without a source that can be dated are refused', async () => {
    const dating = date('debian', 'sources.list', third);
    await expect(dating).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(third.trim()) as string,
    });
  });

  test('without a snapshot all sources are today’s, and none needs naming', async () => {
    const live = debianLines(...LIVE);
    const { dated, stderr } = await date('debian', 'sources.list', live, { SNAPSHOT: '' });
    expect({ dated, stderr }).toEqual({ dated: live, stderr: '' });
  });
});

describe('what is preferred', () => {
  const read = (file: string) => readFileSync(join(folder, 'work', file), 'utf8');
  const pins = () => read('preferences.d/zz-dated').match(/(?<=^Pin: ).*/gm);
  const unasked = 'release o=/^(Debian|Ubuntu)/, a=/-backports|-proposed$|^experimental$/';

  test.each([
    ['http://snapshot.debian.org/archive', 'snapshot.debian.org'],
    ['https://ci~1.mirror.example:8443/snapshots/', 'ci~1.mirror.example'],
    ['file:/srv/snapshots', ''],
  ])('above what the base has: the host of %s, after backports', async (address, host) => {
    await date('debian', 'sources.list', debianLines(...LIVE), { DEBIAN_SNAPSHOTS: address });
    expect(pins()).toEqual([unasked, `origin "${host}"`]);
  });

  test('the host of stanzas, once', async () => {
    await date('debian', 'sources.list.d/debian.sources', debianStanzas('trixie', ...LIVE));
    expect(pins()).toEqual([unasked, 'origin "snapshot.debian.org"']);
  });

  test("not the host of a third party's source", async () => {
    const live = `${debianLines(...LIVE)}deb https://download.example/debian bookworm stable\n`;
    await date('debian', 'sources.list', live);
    expect(pins()).toEqual([unasked, 'origin "snapshot.debian.org"']);
  });

  test("the base's own preferences first", async () => {
    mkdirSync(join(folder, 'root/etc/apt/preferences.d'), { recursive: true });
    writeFileSync(join(folder, 'root/etc/apt/preferences.d/own'), 'Package: own\n');
    await date('debian', 'sources.list', debianLines(...LIVE));
    expect(readdirSync(join(folder, 'work/preferences.d'))).toEqual(['own', 'zz-dated']);
    expect(read('preferences.d/own')).toBe('Package: own\n');
  });

  test.each([
    ['without a snapshot', { SNAPSHOT: '' }],
    ['without a dated archive', { DEBIAN_SNAPSHOTS: '' }],
  ])('nothing %s: apt neither goes back nor looks elsewhere', async (_, env) => {
    await date('debian', 'sources.list', debianLines(...LIVE), env);
    expect(read('apt.conf')).not.toMatch(/Preferences|downgrades|Remove/);
  });
});
