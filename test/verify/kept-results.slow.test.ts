import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { unfinished } from '../../src/disk/disk-files.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { keepResult, keptResult } from '../../src/verify/kept-results.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const MEBIBYTE = 1024 * 1024;
const digestFor = (name: string) => digestOf(Buffer.from(name));
const nameOf = (name: string) => `${digestFor(name).replace(':', '-')}.json`;

test.each(['packages', 'verifications'] as const)(
  'results that were used longest ago make room for others: %s',
  async (kind) => {
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
    const folder = join(cacheFolder(), kind);
    mkdirSync(folder, { recursive: true });
    const leave = (file: string, size: number, day: string) => {
      writeFileSync(file, '{}');
      if (size > 0) truncateSync(file, size * MEBIBYTE);
      utimesSync(file, new Date(day), new Date(day));
    };
    const fileOf = (name: string) => join(folder, nameOf(name));
    leave(fileOf('read'), 0, '2020-01-01');
    leave(fileOf('unread'), 1, '2020-01-02');
    leave(fileOf('older'), 40, '2020-01-03');
    leave(fileOf('newer'), 40, '2020-01-04');
    leave(unfinished(fileOf('of a killed run')), 1, '2020-01-05');
    expect(await keptResult(kind, digestFor('read'), z.object({}))).toEqual({});
    await keepResult(kind, digestFor('new'), {});
    const left = ['newer', 'new', 'read'].map(nameOf).toSorted();
    expect(readdirSync(folder).toSorted()).toEqual(left);
  },
);
