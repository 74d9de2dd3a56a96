import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { CREATED, DAY_MS, IMAGE, plainProject, type PlainProject } from './plain-project.ts';
import { printedBy } from './printed-by.ts';
import { WHOLE } from './registry-project.ts';
import { known } from '../support/fixtures.ts';
import { startPackages, type PackageVersion } from '../support/github-packages.ts';
import { INDEX, pushManifest } from '../support/pushed-images.ts';
import type { Digest } from '../../src/image-reference.ts';

/** So many recent versions that one old one is no large share. */
async function recent({ publish }: PlainProject, count = 6): Promise<void> {
  for (let at = 0; at < count; at += 1) await publish(`n${at}`, at);
}

/** A project whose branches need `v1`, with `v0`, which is as old and goes, and recent versions. */
async function aged(retention?: string) {
  const project = await plainProject(retention);
  const needed = await project.publish('v1', 200);
  const old = await project.publish('v0', 200);
  await recent(project);
  return { ...project, needed, old };
}

/** What `images retention` says goes, by digest. */
async function forecast({ run }: PlainProject): Promise<string[]> {
  const { stdout, stderr } = await run('retention', '--json');
  if (stdout === '') throw new Error(stderr);
  const { images } = JSON.parse(stdout) as {
    images: { entries: { digest: string; verdict: string }[] }[];
  };
  const entries = images.flatMap((image) => image.entries);
  return entries.flatMap(({ digest, verdict }) => (verdict === 'delete' ? digest : [])).sort();
}

interface Line {
  event: string;
  digest?: string;
  role?: string;
  tags?: string[];
  reason?: string;
  branches?: Record<string, string>;
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function deletedIn(text: string, role = 'publication'): (string | undefined)[] {
  const lines = linesOf(text).filter((line) => line.event === 'delete' && line.role === role);
  return lines.map(({ digest }) => digest).sort();
}

test('what is deleted is what the forecast says: an old index, its member and its signature', async () => {
  const project = await plainProject();
  const { publish, target, client, path, run, tags, has, journal } = project;
  const needed = await publish('v1', 200);
  const old = await publish('v0', 200);
  const unknown = await publish('by-hand');
  const [{ digest: platform }] = await project.members(old);
  const config = known(await client.getManifest(path, platform));
  const signature = {
    ...(JSON.parse(Buffer.from(config.bytes).toString()) as object),
    annotations: { s: 'old' },
  };
  await pushManifest(target, IMAGE, signature, `sha256-${old.slice(7)}.sig`);
  await pushManifest(
    target,
    IMAGE,
    { ...signature, annotations: { s: 'new' } },
    `sha256-${needed.slice(7)}.sig`,
  );
  await recent(project);
  const before = await tags();

  const going = await forecast(project);
  expect(going).toContain(old);
  const dry = await run('clean-up');
  expect([dry.status, dry.stderr]).toEqual([0, 'nothing was deleted: --confirm is not given\n']);
  expect(dry.stdout).toContain(old.slice(0, 19));
  expect(await tags()).toEqual(before);
  expect(existsSync(journal)).toBe(false);

  const real = await run('clean-up', '--confirm');
  expect([real.status, real.stderr]).toEqual([0, expect.stringContaining('deleted 3 versions')]);
  expect(deletedIn(real.stdout)).toEqual([old]);
  expect(linesOf(real.stdout).filter(({ event }) => event === 'delete')).toEqual([
    expect.objectContaining({ role: 'attachment' }),
    expect.objectContaining({
      role: 'publication',
      tags: ['v0'],
      reason: expect.stringContaining('older than 90d') as unknown,
      branches: {
        'ci@main': expect.any(String) as unknown,
        'ci@release-1.0': expect.any(String) as unknown,
      },
    }),
    expect.objectContaining({ role: 'member', digest: platform }),
  ]);
  expect(readFileSync(journal, 'utf8')).toBe(real.stdout);
  const gone = ['v0', `sha256-${old.slice(7)}.sig`];
  expect(await tags()).toEqual(before.filter((tag) => !gone.includes(tag)));
  expect(await has(platform)).toBe(false);
  for (const digest of [needed, unknown]) expect(await has(digest)).toBe(true);
  expect(await forecast(project)).toEqual([]);
});

test('a registry that refuses to list its images is cleaned up by those that are known', async () => {
  const project = await aged();
  project.gate.meet((request) =>
    /\/v2\/(owner\/ci\/tags\/list|_catalog)/.test(request) ? { status: 403, body: '' } : undefined,
  );
  expect(await project.run('clean-up', '--confirm')).toMatchObject({ status: 0 });
  expect(await project.tags()).not.toContain('v0');
});

test('what the registry hides from its account counts as not published, and is named', async () => {
  const project = await aged();
  const { address } = project.gate;
  const auths = { [address]: { auth: Buffer.from('robot:secret').toString('base64') } };
  writeFileSync(join(process.env['DOCKER_CONFIG'] ?? '', 'config.json'), JSON.stringify({ auths }));
  project.need('v1\nimage: hidden:v1');
  project.gate.meet((request) =>
    request.includes('/owner/ci/hidden/') ? { status: 403, body: '' } : undefined,
  );
  const warning = expect.stringContaining('warning: the registry hides hidden') as unknown;
  expect(await project.run('retention')).toMatchObject({ status: 0, stderr: warning });
  expect(await project.run('clean-up', '--confirm')).toMatchObject({ status: 0, stderr: warning });
  expect(await project.tags()).not.toContain('v0');
  const promoted = await project.run('promote', '--kpromo', 'images.yaml');
  expect([promoted.status, promoted.stdout]).toEqual([1, 'images.yaml: 1 added.\n']);

  // The journal knows that it was published.
  project.gate.meet((request) =>
    request.includes('/owner/ci/debian-12/') ? { status: 403, body: '' } : undefined,
  );
  const refused = { status: 1, stderr: expect.stringContaining('REGISTRY_DENIED') as unknown };
  expect(await project.run('retention')).toMatchObject(refused);
});

test('a member that a kept index names stays', async () => {
  const project = await plainProject();
  const { publish, members, run, has } = project;
  const needed = await publish('v1', 200);
  const [{ digest: shared }] = await members(needed);
  const old = await publish('v0', 200, shared);
  await recent(project);
  expect(await run('clean-up', '--confirm')).toMatchObject({ status: 0 });
  expect([await has(old), await has(needed), await has(shared)]).toEqual([false, true, true]);
});

describe('nothing is deleted', () => {
  test('that others have published there, whatever time it states', async () => {
    const project = await plainProject();
    const { client, path, target, run, has } = project;
    const needed = await project.publish('v1', 200);
    const manifests = await project.members(needed);
    const annotations = { [CREATED]: new Date(Date.now() - 200 * DAY_MS).toISOString() };
    const index = await pushManifest(target, INDEX, { manifests, annotations }, 'by-others');
    const chart = known(await client.getManifest(path, manifests[0].digest));
    const artifact = await pushManifest(
      target,
      IMAGE,
      { ...(JSON.parse(Buffer.from(chart.bytes).toString()) as object), annotations },
      'chart-1.0',
    );
    await recent(project);
    const { status, stdout } = await run('clean-up', '--confirm');
    expect([status, deletedIn(stdout)]).toEqual([0, []]);
    expect([await has(index), await has(artifact)]).toEqual([true, true]);
  });

  test('by a clock that is ahead of the one of the registry', async () => {
    const project = await plainProject();
    await project.publish('v1', 200);
    const young = await project.publish('v0', 60);
    await recent(project);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60 * DAY_MS });
    onTestFinished(() => void vi.useRealTimers());
    const { status, stdout } = await project.run('clean-up', '--confirm');
    expect([status, deletedIn(stdout)]).toEqual([0, []]);
    expect(await project.has(young)).toBe(true);
  });

  test('while the retention file has a dry run, --confirm or not', async () => {
    const project = await aged(WHOLE);
    const { status, stderr } = await project.run('clean-up', '--confirm');
    expect([status, stderr]).toEqual([
      0,
      'nothing was deleted: dryRun is true in config/retention.yml\n',
    ]);
    expect(await project.tags()).toContain('v0');
  });

  test('where a larger share would go than one run may delete', async () => {
    const project = await plainProject();
    await project.publish('v1', 200);
    for (const tag of ['o1', 'o2', 'o3']) await project.publish(tag, 200);
    await recent(project);
    const { status, stderr } = await project.run('clean-up', '--confirm');
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('3 of 10 publications would go, and one run deletes at most 2'),
    ]);
    expect(await project.tags()).toContain('o1');
    project.edit('config/retention.yml', (text) => `${text}mostDeletedPercent: 30\n`);
    expect(await project.run('clean-up', '--confirm')).toMatchObject({ status: 0 });
    expect(await project.tags()).not.toContain('o1');
  });

  test('where a branch cannot be read, or has lost what it needs', async () => {
    const project = await plainProject();
    await project.publish('v0', 200);
    const needed = await project.publish('release-1.0', 200);
    await recent(project);
    const lost = await project.run('clean-up', '--confirm');
    expect([lost.status, lost.stderr]).toEqual([3, expect.stringContaining('has lost')]);
    await project.point('v1', needed);
    project.edit('config/retention.yml', (text) => text.replace('release-1.0]', 'release-9]'));
    const unread = await project.run('clean-up', '--confirm');
    expect([unread.status, unread.stderr]).toEqual([1, expect.stringContaining('release-9')]);
    expect(await project.tags()).toContain('v0');
  });

  test('where the list lacks a tag that is there, or an image has lost many since the last run', async () => {
    const project = await aged();
    project.lists('v0', 'n0', 'n1', 'n2', 'n3');
    const cut = await project.run('clean-up', '--confirm');
    expect([cut.status, cut.stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_CUT')]);
    project.gate.meet(() => undefined);
    await project.publish('o1', 200);
    expect(await project.run('clean-up', '--confirm')).toMatchObject({ status: 0 });
    const untouched = await project.publish('o2', 200);
    project.lists('v1', 'n0', 'o2');
    const fewer = await project.run('clean-up', '--confirm');
    expect([fewer.status, fewer.stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_FEWER')]);
    expect(await project.has(untouched)).toBe(true);
  });

  test('where the list lacks what allow names, or names what a branch needs and the registry has not', async () => {
    const project = await aged();
    const { old } = project;
    await project.point('kept-by-hand', old);
    const recents = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
    const list = (...tags: string[]) => {
      project.gate.meet((request) => {
        if (request.includes('/debian-12/manifests/lost')) return { status: 404, body: '' };
        return request.includes('/debian-12/tags/list')
          ? { status: 200, body: JSON.stringify({ name: 'x', tags }) }
          : undefined;
      });
    };
    project.edit('config/retention.yml', (text) => `${text}allow: [debian-12:kept-by-hand]\n`);
    list('v1', 'v0', ...recents);
    const cut = await project.run('clean-up', '--confirm');
    expect([cut.status, cut.stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_CUT')]);
    project.edit('config/retention.yml', (text) => text.replace(/^allow:.*\n/m, ''));
    list('v1', 'v0', ...recents, 'lost');
    project.need('lost');
    const lost = await project.run('clean-up', '--confirm');
    expect([lost.status, lost.stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_CUT')]);
    expect(await project.has(old)).toBe(true);
  });

  test('of a registry that does not delete, and nothing is said to be', async () => {
    const project = await aged();
    project.gate.meet((request) =>
      request.startsWith('DELETE')
        ? { status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' }
        : undefined,
    );
    const { status, stdout, stderr } = await project.run('clean-up', '--confirm');
    expect([status, stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_UNSUPPORTED')]);
    expect(linesOf(stdout).map(({ event }) => event)).toEqual(['begin', 'delete']);
  });

  test('of a repository with policies', async () => {
    const { status, stderr } = await printedBy(checkout({}), 'clean-up', '--confirm');
    expect([status, stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_POLICIES')]);
  });
});

test('a run that is cut off in the middle is finished by the next', async () => {
  const project = await aged();
  const { old, run, has, gate } = project;
  const [{ digest: member }] = await project.members(old);
  await project.point(`${'ab'.repeat(16)}-linux-amd64`, member);
  gate.meet((request) =>
    request.startsWith('DELETE') && request.includes(member)
      ? { status: 400, body: '' }
      : undefined,
  );
  const first = await run('clean-up', '--confirm');
  expect(first).toMatchObject({ status: 1, stderr: expect.stringContaining('400') as unknown });
  expect([await has(old), await has(member)]).toEqual([false, true]);
  gate.meet(() => undefined);
  expect(await forecast(project)).toEqual([member]);
  expect(await run('clean-up', '--confirm')).toMatchObject({ status: 0 });
  expect(await has(member)).toBe(false);
});

test('a version that somebody has come to need between forecast and deletion stays', async () => {
  const project = await plainProject();
  const { publish, run, has, gate } = project;
  await publish('v1', 200);
  const old = await publish('v0', 200);
  const other = await publish('o1', 201);
  await recent(project, 10);
  let isChanged = false;
  // After the first version has gone, a run elsewhere makes the second one the alias of a branch.
  gate.meet(async (request) => {
    if (request.startsWith('DELETE') && !isChanged) {
      isChanged = true;
      await project.point('release-1.0', old);
    }
    return undefined;
  });
  project.edit('config/retention.yml', (text) => `${text}mostDeletedPercent: 50\n`);
  const { status, stdout } = await run('clean-up', '--confirm');
  expect(status).toBe(0);
  expect(deletedIn(stdout)).toEqual([other]);
  expect([await has(old), await has(other)]).toEqual([true, false]);
});

test('tags that look like commands or paths are text', async () => {
  const project = await plainProject();
  await project.publish('v1', 200);
  const old = await project.publish('_--confirm..-rf', 200);
  await recent(project);
  const strange = ['_--confirm..-rf', '../../other/manifests/v1', '\u001b[2J'];
  project.lists('v1', ...strange, 'n0', 'n1', 'n2', 'n3', 'n4', 'n5');
  project.gate.forget();
  const { stderr } = await project.run('clean-up', '--confirm');
  expect(stderr).not.toContain('\u001b');
  expect(
    project.gate.seen.filter((line) => line.includes('other') || line.includes('%1B')),
  ).toEqual([]);
  const deletes = project.gate.seen.filter((line) => line.startsWith('DELETE'));
  expect(deletes[0]).toBe(`DELETE /v2/owner/ci/debian-12/manifests/${old}`);
});

describe("a registry of GitHub, by the packages' API", () => {
  async function github(type: 'Organization' | 'User' = 'Organization') {
    const project = await plainProject();
    const { client, path, gate } = project;
    gate.meet((request) => (request.startsWith('DELETE') ? { status: 405, body: '' } : undefined));
    const ids = new Map<string, number>();
    const refusals = new Map<string, string>();
    const extra: Record<string, string[]> = {};
    const versions = async (): Promise<PackageVersion[]> => {
      const all = new Map<string, string[]>();
      for (const tag of (await client.listTags(path)) ?? []) {
        const found = known(await client.getManifest(path, tag));
        all.set(found.digest, [...(all.get(found.digest) ?? []), tag]);
        const { manifests = [] } = JSON.parse(Buffer.from(found.bytes).toString()) as {
          manifests?: { digest: Digest }[];
        };
        for (const { digest } of manifests) {
          if (await client.headManifest(path, digest)) all.set(digest, all.get(digest) ?? []);
        }
      }
      for (const name of ids.keys()) {
        if (!all.has(name) && (await client.headManifest(path, name as Digest))) all.set(name, []);
      }
      return [...all].map(([name, tags]) => {
        const id = ids.get(name) ?? 1000 + ids.size;
        ids.set(name, id);
        return { id, name, tags: [...tags, ...(extra[name] ?? [])] };
      });
    };
    const packages = await startPackages('owner', {
      ...{ type, token: 'ghs_secret' },
      versions: (name) => (name === 'ci/debian-12' ? versions() : Promise.resolve([])),
      remove: async (_, { name }) => {
        if (refusals.has(name)) return refusals.get(name);
        await client.deleteManifest(path, name as Digest);
        return undefined;
      },
    });
    vi.stubEnv('IMAGES_GITHUB_PACKAGES', `${gate.address}=${packages.url}`);
    vi.stubEnv('IMAGES_PACKAGES_TOKEN', 'ghs_secret');
    await project.publish('v1', 200);
    const old = await project.publish('v0', 200);
    await recent(project);
    return { ...project, packages, old, refusals, extra };
  }

  test.each(['Organization', 'User'] as const)('of an %s deletes by number', async (type) => {
    const { run, has, old, packages, tags } = await github(type);
    const { status, stdout, stderr } = await run('clean-up', '--confirm');
    expect([status, stderr]).toEqual([0, expect.stringContaining("by GitHub's packages API")]);
    expect(deletedIn(stdout)).toEqual([old]);
    expect(await has(old)).toBe(false);
    expect(await tags()).not.toContain('v0');
    expect(packages.seen.filter((line) => line.startsWith('DELETE'))).toHaveLength(2);
    expect(stdout + stderr).not.toContain('ghs_secret');
    await packages.close();
  });

  test('stops where GitHub refuses, or has another tag there', async () => {
    const { run, has, old, packages, refusals, extra } = await github();
    refusals.set(old, 'You cannot delete the last tagged version of a package.');
    const refused = await run('clean-up', '--confirm');
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('last tagged')]);
    refusals.clear();
    extra[old] = ['somebody-needs-it'];
    const other = await run('clean-up', '--confirm');
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('somebody-needs-it')]);
    expect(await has(old)).toBe(true);
    await packages.close();
  });

  test('wants a token, and sends it nowhere without encryption', async () => {
    const { run, packages, gate } = await github();
    vi.stubEnv('IMAGES_PACKAGES_TOKEN', '');
    vi.stubEnv('GITHUB_TOKEN', '');
    const none = await run('clean-up', '--confirm');
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('CLEAN_UP_NO_TOKEN')]);
    vi.stubEnv('IMAGES_PACKAGES_TOKEN', 'wrong');
    const wrong = await run('clean-up', '--confirm');
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('401')]);
    vi.stubEnv('IMAGES_GITHUB_PACKAGES', `${gate.address}=http://api.example`);
    const unsafe = await run('clean-up', '--confirm');
    expect([unsafe.status, unsafe.stderr]).toEqual([1, expect.stringContaining('REGISTRY_UNSAFE')]);
    await packages.close();
  });
});
