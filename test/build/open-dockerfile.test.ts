import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openDockerfile } from '../../src/build/open-dockerfile.ts';
import type { Tag } from '../../src/image-reference.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

let cache: string;
let folder: string;

beforeEach(() => {
  cache = temporaryFolder();
  folder = temporaryFolder();
});

it.each([true, false])(
  'a Dockerfile is copied with the label of its tag (ignore file of its own: %s), until its release',
  async (hasIgnoreFile) => {
    const dockerfile = join(folder, 'Containerfile');
    writeFileSync(dockerfile, 'FROM scratch\n');
    if (hasIgnoreFile) writeFileSync(`${dockerfile}.dockerignore`, '*.log\n');
    const copy = await openDockerfile(join(cache, 'a'), { dockerfile, tag: '0123abcd' as Tag });
    expect(readFileSync(copy.dockerfile, 'utf8')).toBe(
      'FROM scratch\nLABEL io.github.kubernetes-ci-images.inputs="0123abcd"\n',
    );
    // Docker looks for it beside the Dockerfile, under this name.
    expect(readdirSync(dirname(copy.dockerfile))).toEqual(readdirSync(folder));
    await copy.release();
    expect(existsSync(dirname(copy.dockerfile))).toBe(false);
    expect(readFileSync(dockerfile, 'utf8')).toBe('FROM scratch\n');
  },
);

it('what a killed run left is replaced, and other images have folders of their own', async () => {
  const dockerfile = join(folder, 'Dockerfile');
  writeFileSync(dockerfile, 'FROM scratch\n');
  writeFileSync(`${dockerfile}.dockerignore`, '*.log\n');
  const recipe = { dockerfile, tag: '0123abcd' as Tag };
  await openDockerfile(join(cache, 'a'), recipe);
  const other = await openDockerfile(join(cache, 'b'), recipe);
  rmSync(`${dockerfile}.dockerignore`);
  const copy = await openDockerfile(join(cache, 'a'), recipe);
  expect(readdirSync(dirname(copy.dockerfile))).toEqual(['Dockerfile']);
  await copy.release();
  expect(existsSync(other.dockerfile)).toBe(true);
});
