import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDockerfile } from '../../infra/components/labelled-dockerfile.ts';
import type { Tag } from '../../src/image-reference.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recipe-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

it.each([true, false])(
  'a Dockerfile is copied with the label of its tag (ignore file of its own: %s), until its release',
  async (hasIgnoreFile) => {
    const dockerfile = join(folder, 'Containerfile');
    writeFileSync(dockerfile, 'FROM scratch\n');
    if (hasIgnoreFile) writeFileSync(`${dockerfile}.dockerignore`, '*.log\n');
    const copy = await openDockerfile({ dockerfile, tag: '0123abcd' as Tag });
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
