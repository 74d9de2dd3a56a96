import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BASE, CATALOG, commitAll, ENTRY, repository } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { git } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

interface Planned {
  readonly name: string;
  readonly tag: string;
  readonly inputs: object;
}

async function planned(root: string): Promise<readonly Planned[]> {
  const { status, stdout, stderr } = await printedBy(root, 'plan', '--json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as readonly Planned[];
}

/** Writes what the engine prints where `old` is published and `now` declared, with the steps in the reverse order. */
function writePreview(
  root: string,
  old: readonly Planned[],
  now: readonly Planned[],
  revision = '',
): void {
  const names = [...new Set([...now, ...old].map(({ name }) => name))].reverse();
  const find = (all: readonly Planned[], name: string) => all.find((one) => one.name === name);
  const steps = names.map((name) => {
    const urn = `urn:pulumi:prod::p::oci:index:Publication::${name}`;
    const state = (of: Planned | undefined) =>
      of && { urn, type: 'oci:index:Publication', inputs: { ...of, revision } };
    const [oldState, newState] = [state(find(old, name)), state(find(now, name))];
    return { op: newState ? 'replace' : 'delete', urn, oldState, newState };
  });
  writeFileSync(join(root, 'p'), JSON.stringify({ steps }));
}

/** The rows of the images of the note, as `image: why`. */
async function whys(root: string, ...args: string[]) {
  const { status, stdout, stderr } = await printedBy(root, 'summary', '--preview', 'p', ...args);
  expect(status, stderr).toBe(0);
  const rows = stdout.split('\n').filter((line) => line.startsWith('| `'));
  const cells = rows.map((row) => row.split(/ ?(?<!\\)\| ?/));
  return { stderr, rows: cells.map(([, image, , why]) => `${image}: ${why}`) };
}

const OTHER = ENTRY.replaceAll("'12'", "'13'").replaceAll('debian:12', 'debian:13');
const LAST = ENTRY.replaceAll("'12'", "'11'").replaceAll('debian:12', 'debian:11');

/** A published catalog of three images that share a context, and a change of it that is committed on top. */
async function changed(revision?: (root: string) => string) {
  const root = repository({
    'config/images.yml': CATALOG + OTHER + LAST,
    'ctx/install.sh': '1\n',
    'ctx/old': '',
  });
  const old = await planned(root);
  const published = revision?.(root) ?? '';
  chmodSync(join(root, 'ctx/install.sh'), 0o755);
  rmSync(join(root, 'ctx/old'));
  const moved = OTHER.replace(BASE.slice(-64), 'c'.repeat(64));
  writeFileSync(join(root, 'config/images.yml'), `images:\n${moved}${ENTRY}`);
  commitAll(root, 'change');
  writePreview(root, old, await planned(root), published);
  return root;
}

const CONTEXT = 'context: `install.sh` is executable now, `old` removed';
const EXPLAINED = [
  `\`debian-13\`: base: \`docker.io/library/debian:13\` moved (\`sha256:aaaaaaaaaaaa\` → \`sha256:cccccccccccc\`), ${CONTEXT}`,
  `\`debian-12\`: ${CONTEXT}`,
  '`debian-11`: ',
];
const KINDS = ['`debian-13`: base, context', '`debian-12`: context', '`debian-11`: '];

test('the note lists images as the catalog does, and what differs from a revision in each', async () => {
  const root = await changed();
  expect(await whys(root, '--against', 'HEAD~1')).toEqual({ stderr: '', rows: EXPLAINED });
});

test('without a revision, images are compared with the commit that they were published from', async () => {
  const root = await changed((at) => git(at, ['rev-parse', 'HEAD']));
  expect((await whys(root)).rows).toEqual(EXPLAINED);
  const dirty = await changed((at) => `${git(at, ['rev-parse', 'HEAD'])}-dirty`);
  expect((await whys(dirty)).rows).toEqual(EXPLAINED);
});

test('a revision that is not what was published explains nothing, and the published commit does', async () => {
  const root = await changed((at) => git(at, ['rev-parse', 'HEAD']));
  expect((await whys(root, '--against', 'HEAD')).rows).toEqual(EXPLAINED);
  expect((await whys(await changed(), '--against', 'HEAD')).rows).toEqual(KINDS);
});

test('a shallow clone has the kinds of inputs only, and a warning', async () => {
  const root = await changed((at) => git(at, ['rev-parse', 'HEAD']));
  const commit = git(root, ['rev-parse', 'HEAD~1']);
  const shallow = temporaryFolder();
  git(shallow, ['clone', '--quiet', '--depth=1', `file://${root}`, '.']);
  writeFileSync(join(shallow, 'p'), readFileSync(join(root, 'p')));
  const { stderr, rows } = await whys(shallow, '--against', commit);
  expect(rows).toEqual([...KINDS.slice(0, 2), '`debian-11`: ']);
  expect(stderr).toMatch(/^warning: nothing is compared with [0-9a-f]{40}: REVISION_MISSING/);
  expect(stderr).toContain('git fetch --unshallow');
});

test('a catalog with problems leaves the kinds of inputs, in the order of the names', async () => {
  const root = await changed();
  writeFileSync(join(root, 'config/images.yml'), 'images: none\n');
  expect((await whys(root, '--against', 'no-such')).rows).toEqual([
    '`debian-11`: ',
    '`debian-12`: context',
    '`debian-13`: base, context',
  ]);
});
