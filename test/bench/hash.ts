import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { measure } from './measure.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { emptyHashCache, hashContext } from '../../src/tag/hash-context.ts';

const FILES = 64;

/** A context of so many MiB in 64 files, against sha256sum of the same files. */
export const hash: Benchmark = {
  name: 'hash',
  what: 'hash of a build context',
  sizes: [1024],
  unit: 'MiB',
  yardstick: 'sha256sum of the same files',
  goal: 'at least 0.8 × its speed, below 300 MiB of memory',
  async run(size, folder) {
    const context = join(folder, 'context');
    mkdirSync(context);
    const content = Buffer.alloc((size / FILES) * 1024 * 1024);
    const files = Array.from({ length: FILES }, (_, at) => join(context, `file-${at}`));
    for (const [at, file] of files.entries()) writeFileSync(file, content.fill(`${at} `));
    const ours = () =>
      measure(() => {
        const image = { context: 'context', dockerfile: 'context/Dockerfile' };
        return hashContext(image, workingTree(folder), emptyHashCache());
      });
    const floor = () => measure(() => execFileSync('sha256sum', files));
    // Once for the disk's cache, then in turn.
    await floor();
    const measured = await ours();
    return { ...measured, yardstick: (await floor()).wall };
  },
};
