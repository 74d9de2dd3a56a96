import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../toolchain/run-command.ts';

/** Branch → file → content: the CI configuration of each branch, as Kubespray writes it. */
const BRANCHES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release-1.8': { 'tests/files/bullseye.yml': 'cloud_image: debian-11\n' },
  'release-1.9': {
    'tests/files/bullseye.yml': '# the last release with it\ncloud_image: debian-11\n',
    'tests/files/bookworm.yml': 'cloud_image: "debian-12"\n',
  },
  'release-1.10': {
    'tests/files/bookworm.yml': 'cloud_image: debian-12\nmode: ha\n',
    'roles/etcd/molecule/default/molecule.yml': 'platforms:\n  - cloud_image: debian-13 # new\n',
  },
  master: {
    'tests/files/bookworm.yml': 'cloud_image: debian-12\n',
    'roles/etcd/molecule/default/molecule.yml': 'platforms:\n  - cloud_image: debian-13\n',
  },
};

const AUTHOR = ['-c', 'user.name=sandbox', '-c', 'user.email=sandbox@localhost'];

/**
 * Makes a git repository at `folder` whose branches use the sandbox's images, where there is none: it
 * stands for a project that runs its CI on them. Cut a branch in it, or change one, and run `npm start`.
 * Returns the number of branches that were made; 0 when the repository was there.
 */
export async function provideConsumer(folder: string): Promise<number> {
  const git = (...args: string[]) => runCommand('git', ['-C', folder, ...AUTHOR, ...args]);
  mkdirSync(folder, { recursive: true });
  // The last branch is made last: a repository without it is unfinished.
  const last = Object.keys(BRANCHES).at(-1) ?? '';
  const found = await git('init', '--quiet').then(() => git('branch', '--list', last));
  if (found !== '') return 0;
  for (const [branch, files] of Object.entries(BRANCHES)) {
    await git('checkout', '--quiet', '--orphan', branch);
    await git('rm', '-rf', '--quiet', '--ignore-unmatch', '.');
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--no-verify', '--message', `what CI runs on ${branch}`);
  }
  return Object.keys(BRANCHES).length;
}
