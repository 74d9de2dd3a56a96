import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.ts';
import type { Benchmark } from './benchmark.ts';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { planCatalog } from '../../src/plan/plan-catalog.ts';
import { someSettings } from '../settings/some-settings.ts';

const CONTEXTS = 10;
/** Files of a context, 4 KiB each. */
const FILES = 50;

/** The catalog of so many images, ten contexts between them, from the files to the tags. */
export const plan: Benchmark = {
  name: 'plan',
  what: 'plan of images that share ten contexts of 50 files',
  sizes: [1, 27, 300, 3000],
  unit: 'images',
  goal: '3000 in under 3 s of CPU, linear',
  run(size, folder) {
    writeCheckout(size, folder);
    const settings = someSettings();
    return measure(() => planCatalog(workingTree(folder), { settings }));
  },
};

function writeCheckout(size: number, folder: string): void {
  const labels = Object.entries(LABELS).map(
    ([label, argument]) => `LABEL ${label}="\${${argument}}"`,
  );
  const declared = [...new Set(Object.values(LABELS))].map((argument) => `ARG ${argument}`);
  const recipe = ['ARG BASE', 'FROM ${BASE}', ...declared, ...labels, ''].join('\n');
  for (let at = 0; at < CONTEXTS; at += 1) {
    const context = join(folder, 'contexts', String(at));
    mkdirSync(context, { recursive: true });
    writeFileSync(join(context, 'Dockerfile'), recipe);
    for (let file = 0; file < FILES; file += 1) {
      writeFileSync(join(context, `file-${file}`), Buffer.alloc(4096, `${at} ${file} `));
    }
  }
  const base = `docker.io/library/debian:12@sha256:${'a'.repeat(64)}`;
  const entries = Array.from({ length: size }, (_, at) => {
    const rest = `version: "${at}", context: contexts/${at % CONTEXTS}, base: "${base}"`;
    return `  - { distribution: debian, ${rest} }`;
  });
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/images.yml'), ['images:', ...entries, ''].join('\n'));
}
