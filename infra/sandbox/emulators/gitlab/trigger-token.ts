import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readTextFile, writeIfChanged } from '../../write-if-changed.ts';

/** The secret that starts pipelines here, in a file of the sandbox; made when there is none. */
export function triggerToken(gitlabFolder: string): string {
  const file = join(gitlabFolder, 'token');
  const known = readTextFile(file)?.trim();
  if (known !== undefined && known !== '') return known;
  // GitLab's begin like this, by which leaked ones are found.
  const token = `glptt-${randomBytes(20).toString('hex')}`;
  writeIfChanged(file, `${token}\n`);
  chmodSync(file, 0o600);
  return token;
}
