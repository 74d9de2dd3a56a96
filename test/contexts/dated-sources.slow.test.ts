import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import {
  debianLines,
  debianStanzas,
  ubuntuLines,
  ubuntuStanzas,
  type Write,
} from './base-sources.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const SCRIPT = join(CHECKOUT, 'config/contexts/apt/scripts/dated-sources.sh');
const STAMP = '20261101T000000Z';
const DEBIAN = `http://snapshot.debian.org/archive/debian/${STAMP}`;
const SECURITY = `http://snapshot.debian.org/archive/debian-security/${STAMP}`;
const UBUNTU = `http://snapshot.ubuntu.com/ubuntu/${STAMP}`;
const LIVE = ['http://deb.debian.org/debian', 'http://deb.debian.org/debian-security'] as const;
const LINE = '[check-valid-until=no] ';
const FIELD = 'Check-Valid-Until: no\n';
const LIST = 'sources.list';
const THIRD = 'deb https://download.example/debian bookworm stable\n';
const NO_SNAPSHOT: Environment = { SNAPSHOT: '' };
const NO_ARCHIVE: Environment = { DEBIAN_SNAPSHOTS: '' };

type Environment = Readonly<Record<string, string>>;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** Runs the script on a base with this file below /etc/apt; what it made of it, and what it said. */
async function date(id: string, file: string, text: string, env: Environment = {}) {
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

/** What apt prefers, the first first. */
const pins = () => read('preferences.d/zz-dated').match(/(?<=^Pin: ).*/gm);
const read = (file: string) => readFileSync(join(folder, 'work', file), 'utf8');
const UNASKED = 'release o=/^(Debian|Ubuntu)/, a=/-backports|-proposed$|^experimental$/';

describe('the sources of each base, as of a day; what is commented out stays', () => {
  const security = 'http://security.ubuntu.com/ubuntu/';
  const archive = ['http://archive.ubuntu.com/ubuntu/', security] as const;
  const cloud = ['http://europe-west1.gce.archive.ubuntu.com/ubuntu/', security] as const;
  const ports = Array(2).fill('http://ports.ubuntu.com/ubuntu-ports/') as [string, string];
  const mmdebstrap = [LIVE[0], 'http://security.debian.org/debian-security'] as const;
  test.each<[base: string, write: Write, live: readonly [archive: string, security: string]]>([
    ['debian 11', debianLines, LIVE],
    ['debian 12', debianStanzas('bookworm'), LIVE],
    ['debian 13', debianStanzas('trixie'), LIVE],
    ['debian of mmdebstrap', debianLines, mmdebstrap],
    ['ubuntu 20.04', ubuntuLines('focal'), archive],
    ['ubuntu 22.04', ubuntuLines('jammy'), archive],
    ['ubuntu 22.04 of a cloud', ubuntuLines('jammy'), cloud],
    ['ubuntu 22.04 on arm64', ubuntuLines('jammy'), ports],
    ['ubuntu 24.04', ubuntuStanzas('noble'), archive],
    ['ubuntu 26.04', ubuntuStanzas('resolute'), archive],
  ])('%s', async (base, write, live) => {
    const [id = ''] = base.split(' ');
    const isStanza = write(...live).includes('Types: deb\n');
    const file = isStanza ? `sources.list.d/${id}.sources` : LIST;
    const [main, updates] =
      id === 'debian' ? ([DEBIAN, SECURITY] as const) : ([UBUNTU, UBUNTU] as const);
    const expected = write(main, updates, isStanza ? FIELD : LINE);
    expect(await date(id, file, write(...live))).toEqual({ dated: expected, stderr: '' });
  });
});

test.each([
  [
    'options of a one-line source are kept',
    'deb [ arch=amd64 signed-by=/key.gpg ] https://deb.debian.org/debian/ sid main\n',
    `deb [check-valid-until=no  arch=amd64 signed-by=/key.gpg ] ${DEBIAN} sid main\n`,
    {},
  ],
  [
    'a mirror of the dated archives stands in for them',
    debianLines(...LIVE),
    debianLines(
      `https://mirror.example/snapshots/debian/${STAMP}`,
      `https://mirror.example/snapshots/debian-security/${STAMP}`,
      LINE,
    ),
    { DEBIAN_SNAPSHOTS: 'https://mirror.example/snapshots/' },
  ],
  ['without a snapshot all sources stay', debianLines(...LIVE), debianLines(...LIVE), NO_SNAPSHOT],
])('%s', async (_, live, dated, env) => {
  expect(await date('debian', LIST, live, env)).toEqual({ dated, stderr: '' });
});

test.each([
  [
    'an address that sed would take for something else',
    'a&b is no plain address',
    debianLines(...LIVE),
    { DEBIAN_SNAPSHOTS: 'a&b' },
  ],
  ['Debian and Ubuntu without a source that can be dated', THIRD.trim(), THIRD, {}],
])('%s is rejected', async (_, stderr, live, env) => {
  await expect(date('debian', LIST, live, env)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(stderr) as string,
  });
});

test('each address of a stanza is dated, and only the host of the dated ones preferred', async () => {
  const stanza = (...addresses: string[]) => `Types: deb\nURIs: ${addresses.join(' ')}\n`;
  const third = 'https://download.example/ubuntu';
  const two = ['http://archive.ubuntu.com/ubuntu/', 'http://de.archive.ubuntu.com/ubuntu'];
  const { dated, stderr } = await date('ubuntu', 'sources.list.d/a.sources', stanza(...two, third));
  expect(dated).toBe(stanza(UBUNTU, UBUNTU, third).replace('URIs', `${FIELD}URIs`));
  expect(stderr).toBe(`dated-sources.sh: as of today: URIs: ${third}\n`);
  expect(pins()).toEqual([UNASKED, 'origin "snapshot.ubuntu.com"']);
});

describe('where the date only forces a rebuild', () => {
  test.each([
    ['a derived distribution', 'raspbian', {}],
    ['Debian without a dated archive', 'debian', NO_ARCHIVE],
  ])('%s keeps its sources, and each is named', async (_, id, env) => {
    const stderr = `dated-sources.sh: as of today: ${THIRD}`;
    const live = `# live\n${THIRD}`;
    expect(await date(id, LIST, live, env)).toEqual({ dated: live, stderr });
  });

  test("a third party's source stays beside dated ones, is named and is not preferred", async () => {
    const stderr = `dated-sources.sh: as of today: ${THIRD}`;
    const dated = `${debianLines(DEBIAN, SECURITY, LINE)}${THIRD}`;
    expect(await date('debian', LIST, `${debianLines(...LIVE)}${THIRD}`)).toEqual({
      dated,
      stderr,
    });
    expect(pins()).toEqual([UNASKED, 'origin "snapshot.debian.org"']);
  });
});

describe('what is preferred', () => {
  test.each([
    ['http://snapshot.debian.org/archive', 'snapshot.debian.org'],
    ['https://ci~1.mirror.example:8443/snapshots/', 'ci~1.mirror.example'],
    ['file:/srv/snapshots', ''],
  ])('above what the base has: the host of %s, after backports', async (address, host) => {
    await date('debian', LIST, debianLines(...LIVE), { DEBIAN_SNAPSHOTS: address });
    expect(pins()).toEqual([UNASKED, `origin "${host}"`]);
  });

  test("the base's own preferences first, then the host of stanzas, once", async () => {
    mkdirSync(join(folder, 'root/etc/apt/preferences.d'), { recursive: true });
    writeFileSync(join(folder, 'root/etc/apt/preferences.d/own'), 'Package: own\n');
    await date('debian', 'sources.list.d/debian.sources', debianStanzas('trixie')(...LIVE));
    expect(readdirSync(join(folder, 'work/preferences.d'))).toEqual(['own', 'zz-dated']);
    expect(read('preferences.d/own')).toBe('Package: own\n');
    expect(pins()).toEqual([UNASKED, 'origin "snapshot.debian.org"']);
  });

  test.each([
    ['without a snapshot', NO_SNAPSHOT],
    ['without a dated archive', NO_ARCHIVE],
  ])('nothing %s: apt neither goes back nor looks elsewhere', async (_, env) => {
    await date('debian', LIST, debianLines(...LIVE), env);
    expect(read('apt.conf')).not.toMatch(/Preferences|downgrades|Remove/);
  });
});
