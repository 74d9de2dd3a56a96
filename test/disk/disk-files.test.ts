import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { removeAbandoned, unfinished } from '../../src/disk/disk-files.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const MINUTE = 60;

/** Makes a file or folder look as if it was written to that long ago, in seconds. */
function age(path: string, seconds: number): void {
  const time = Date.now() / 1000 - seconds;
  utimesSync(path, time, time);
}

test('two runs never write to the same name', () => {
  expect(unfinished('/cache/a')).not.toBe(unfinished('/cache/a'));
});

test('what a killed run left goes after twenty minutes; what others write, and what is whole, stays', async () => {
  const folder = temporaryFolder();
  const file = (name: string, seconds: number) => {
    const path = join(folder, name);
    writeFileSync(path, 'x');
    age(path, seconds);
    return name;
  };
  file(basename(unfinished('abandoned')), 21 * MINUTE);
  const young = file(basename(unfinished('young')), 19 * MINUTE);
  const whole = file('whole', 60 * MINUTE);
  await removeAbandoned(folder);
  expect(readdirSync(folder).sort()).toEqual([whole, young].sort());
});

test('a folder is as old as the newest file in it', async () => {
  const folder = temporaryFolder();
  const workplace = (name: string, fileAge: number) => {
    const path = unfinished(join(folder, name));
    mkdirSync(join(path, 'result'), { recursive: true });
    const inside = join(path, 'result/disk.qcow2');
    writeFileSync(inside, 'x');
    age(inside, fileAge);
    age(join(path, 'result'), 60 * MINUTE);
    age(path, 60 * MINUTE);
    return basename(path);
  };
  workplace('abandoned', 21 * MINUTE);
  const going = workplace('going', 1 * MINUTE);
  await removeAbandoned(folder);
  expect(readdirSync(folder)).toEqual([going]);
});
