import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { triggerToken } from './emulators/gitlab/trigger-token.ts';
import type { RunEngine } from './run-engine.ts';
import { PROJECT, type Sandbox, SANDBOX_STACK } from './sandbox.ts';
import { readTextFile, writeIfChanged } from './write-if-changed.ts';

const SETTING = `${PROJECT}:refreshPipelineToken`;

/**
 * Puts the token that starts pipelines into the stack's settings, encrypted, unless it is there: to
 * encrypt it anew would change the file each time.
 */
export async function setTriggerToken(sandbox: Sandbox, pulumi: RunEngine): Promise<void> {
  const token = triggerToken(sandbox.gitlabFolder);
  const known = join(sandbox.gitlabFolder, 'encrypted-token');
  if (readTextFile(known) === fingerprint(sandbox, token)) return;
  // By its standard input: arguments are seen by everybody on the machine.
  await pulumi(['config', 'set', '--secret', '--stack', SANDBOX_STACK, SETTING], { input: token });
  writeIfChanged(known, fingerprint(sandbox, token));
}

/** Of the token and of what the settings hold for it: another of either is to be written again. */
function fingerprint({ stackFile }: Sandbox, token: string): string {
  const settings = parseDocument(readTextFile(stackFile) ?? '');
  const encrypted: unknown = settings.getIn(['config', SETTING]);
  return createHash('sha256').update(JSON.stringify({ token, encrypted })).digest('hex');
}
