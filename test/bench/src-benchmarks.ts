import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure, type Benchmark } from './measure.ts';
import { findReferences } from '../../src/branches/find-references.ts';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import { sourceOpener } from '../../src/git/open-source.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { planStack } from '../../src/plan/plan-stack.ts';
import { forecast } from '../../src/retention/forecast.ts';
import { emptyHashCache, hashContext } from '../../src/tag/hash-context.ts';
import { someSource } from '../branches/some-source.ts';
import { fastImport, git } from '../git/git-repository.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, held, NOW, someRetention, tag } from '../retention/retention-fixture.ts';
import { someSettings } from '../settings/some-settings.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

const range = (length: number) => Array.from({ length }, (_, at) => at);

/** A catalog of so many images that share ten contexts, from the files to the tags. */
export const plan: Benchmark = {
  name: 'plan',
  what: 'plan of images that share ten contexts of 50 files',
  sizes: [1, 27, 300, 3000],
  unit: 'images',
  goal: '3000 in under 3 s of CPU, linear',
  run(size, folder) {
    writeCheckout(size, folder);
    const settings = someSettings();
    return measure(() => planStack(workingTree(folder), { settings }));
  },
};

function writeCheckout(size: number, folder: string): void {
  const labels = Object.entries(LABELS).map(
    ([label, argument]) => `LABEL ${label}="\${${argument}}"`,
  );
  const declared = [...new Set(Object.values(LABELS))].map((argument) => `ARG ${argument}`);
  const recipe = ['ARG BASE', 'FROM ${BASE}', ...declared, ...labels, ''].join('\n');
  for (const at of range(10)) {
    const context = join(folder, 'contexts', String(at));
    mkdirSync(context, { recursive: true });
    writeFileSync(join(context, 'Dockerfile'), recipe);
    for (const file of range(50)) {
      writeFileSync(join(context, `file-${file}`), Buffer.alloc(4096, `${at} ${file} `));
    }
  }
  const base = `docker.io/library/debian:12@sha256:${'a'.repeat(64)}`;
  const entries = range(size).map((at) => {
    const rest = `version: "${at}", context: contexts/${at % 10}, base: "${base}"`;
    return `  - { distribution: debian, ${rest} }`;
  });
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/retention.yml'), OWN_CONFIG['config/retention.yml'] ?? '');
  writeFileSync(join(folder, 'config/images.yml'), ['images:', ...entries, ''].join('\n'));
}

/** A context of so many MiB in 64 files, compared with sha256sum. */
export const hash: Benchmark = {
  name: 'hash',
  what: 'hash of a build context',
  sizes: [1024],
  unit: 'MiB',
  yardstick: 'sha256sum of the same files',
  goal: 'at most 1.25 × its time, below 300 MiB of memory',
  async run(size, folder) {
    const context = join(folder, 'context');
    mkdirSync(context);
    const content = Buffer.alloc((size / 64) * 1024 * 1024);
    const files = range(64).map((at) => join(context, `file-${at}`));
    for (const [at, file] of files.entries()) writeFileSync(file, content.fill(`${at} `));
    const image = { context: 'context', dockerfile: 'context/Dockerfile' };
    const floor = () => measure(() => execFileSync('sha256sum', files));
    // Once for the disk's cache, then in turn.
    await floor();
    const ours = await measure(() => hashContext(image, workingTree(folder), emptyHashCache()));
    return { ...ours, yardstick: (await floor()).wall };
  },
};

/** The needs of ten branches of a repository of so many files, one in twenty of which is searched. */
export const references: Benchmark = {
  name: 'references',
  what: 'references of 10 branches of a repository',
  sizes: [1000, 10_000],
  unit: 'files',
  goal: '10,000 in under 5 s, linear',
  run(size, folder) {
    const root = join(folder, 'consumer.git');
    git(folder, ['init', '--quiet', '--bare', root]);
    const names = range(10).map((row) => `release-2.${row}`);
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
  const files = range(size).map((at): [string, string] =>
    at % 20 === 0
      ? [`tests/files/t${at}.yml`, `---\n# ${row}\ncloud_image: os-${(at + row) % 30}\n`]
      : [`roles/r${at % 200}/tasks/f${at}.yml`, `- name: ${at}\n  debug:\n`],
  );
  return Object.fromEntries(files);
}

/** The forecast for so many versions of 50 images that ten branches need. */
export const retention: Benchmark = {
  name: 'retention',
  what: 'retention forecast: 50 images, 10 branches',
  sizes: [1000, 10_000, 100_000],
  unit: 'versions',
  goal: '100,000 in under 3 s and 500 MiB, linear',
  run(size) {
    const branches = range(10).map((at) => branch(`release-2.${at}`));
    const versions = range(size).map((at) => {
      const alias = branches[Math.floor(at / 50)]?.alias;
      return held(`image-${at % 50}`, at % 400, {
        digest: digest(at.toString(16).padStart(8, '0')),
        tags: [tag(`t${at}`), ...(alias === undefined ? [] : [alias])],
      });
    });
    const needs = branches.flatMap((of, row) =>
      range(50).map((at) => need(of, `image-${at}`, `t${at + row * 50}`)),
    );
    const references = { branches, needs };
    const times = { now: NOW, at: NOW };
    return measure(() =>
      forecast({ versions, live: [], references, retention: someRetention(), ...times }),
    );
  },
};
