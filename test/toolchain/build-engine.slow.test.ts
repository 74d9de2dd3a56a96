import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildEngine } from '../../infra/toolchain/build-engine.ts';
import { findCommand } from '../../infra/toolchain/programs.ts';
import { ENGINE_VERSION } from '../../infra/toolchain/pulumi-engine.ts';
import { notesTo } from '../../infra/toolchain/report.ts';
import { LOCK } from '../../infra/toolchain/unpack-archive.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { known } from '../support/fixtures.ts';

const MODULE = `github.com/pulumi/pulumi/pkg/v3 v${ENGINE_VERSION}`;
const progress = notesTo(() => undefined);

test('modules that are not as locked are not built, and neither are those that are not locked', async () => {
  const go = known(findCommand('go'));
  const parent = temporaryFolder();
  const build = (lock: Readonly<Record<string, string>>) =>
    buildEngine(join(parent, 'engine'), ENGINE_VERSION, go, progress, lock);
  const wrong = { ...LOCK, [MODULE]: `h1:${'A'.repeat(43)}=` };
  await expect(build(wrong)).rejects.toThrow(/checksum mismatch/);
  await expect(build({})).rejects.toThrow(/has no digest in .*\n.*npm run lock-downloads/);
  expect(readdirSync(parent)).toEqual([]);
});
