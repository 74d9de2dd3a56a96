import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { measure } from './measure.ts';
import { sourceOpener } from '../../src/git/open-source.ts';
import { findReferences } from '../../src/branches/find-references.ts';
import { fastImport, git } from '../git/git-repository.ts';
import { someSource } from '../branches/some-source.ts';

const BRANCHES = 10;

/** What 10 branches of a repository of so many files need, every twentieth of which is searched. */
export const references: Benchmark = {
  name: 'references',
  what: 'references of 10 branches of a repository',
  sizes: [1000, 10_000],
  unit: 'files',
  goal: '10,000 in under 5 s, linear',
  run(size, folder) {
    const root = join(folder, 'consumer.git');
    git(folder, ['init', '--quiet', '--bare', root]);
    const names = Array.from({ length: BRANCHES }, (_, at) => `release-2.${at}`);
    const stream = names.map((name, row) => fastImport(name, filesOf(size, row)));
    git(root, ['fast-import', '--quiet'], Buffer.concat(stream));
    const places = { checkout: join(folder, 'checkout'), cache: join(folder, 'cache') };
    for (const place of Object.values(places)) mkdirSync(place);
    const sources = [someSource(root, { branches: { only: names } })];
    return measure(() =>
      findReferences({ sources, keepAliases: [] }, 'retention.yml', sourceOpener(places)),
    );
  },
};

function filesOf(size: number, row: number): Record<string, string> {
  const files = Array.from({ length: size }, (_, at): [string, string] =>
    at % 20 === 0
      ? [`tests/files/t${at}.yml`, `---\n# ${row}\ncloud_image: os-${(at + row) % 30}\n`]
      : [`roles/r${at % 200}/tasks/f${at}.yml`, `- name: ${at}\n  debug:\n`],
  );
  return Object.fromEntries(files);
}
