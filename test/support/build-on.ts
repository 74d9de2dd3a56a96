import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker-cli.ts';

/** Builds `reference` from an image by instructions of a Dockerfile, without a network, and returns it. */
export async function buildOn(
  image: string,
  reference: string,
  instructions: readonly string[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'build-on-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\n${instructions.join('\n')}\n`);
    await docker('build', '--quiet', '--network', 'none', '--tag', reference, folder);
    return reference;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
