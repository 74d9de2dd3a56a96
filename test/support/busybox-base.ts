import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from './docker-cli.ts';

const execute = promisify(execFile);

const TOOLS = ['sh', 'cat', 'sleep', 'false', 'ls', 'mkdir'];

/**
 * Pushes a small base image made of one static busybox, and returns its pinned reference; another `edition`
 * moves the tag to another digest. The Docker Engine keeps no image of it afterwards.
 */
export async function pushBusyboxBase(
  registry: string,
  busybox: string,
  edition?: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'busybox-'));
  const reference = `${registry}/upstream/busybox:1`;
  try {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const tool of TOOLS) symlinkSync('busybox', join(root, 'bin', tool));
    const archive = join(folder, 'root.tar');
    await execute('tar', ['--create', '--file', archive, '--directory', root, '.']);
    const change = edition === undefined ? [] : ['--change', `LABEL edition=${edition}`];
    await docker('import', ...change, archive, reference);
    const pushed = await docker('push', reference);
    const digest = /digest: (sha256:[a-f0-9]{64})/.exec(pushed)?.[1];
    if (digest === undefined) throw new Error(`the push of ${reference} said no digest: ${pushed}`);
    await docker('image', 'rm', reference);
    return `${reference}@${digest}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
