import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { pushCheckout } from '../../infra/sandbox/emulators/gitlab/project-repository.ts';
import { readRecord } from '../../infra/sandbox/sandbox-record.ts';
import type { Sandbox } from '../../infra/sandbox/sandbox.ts';
import { docker, dockerCli } from './docker-cli.ts';

/**
 * Gives an image of a running sandbox a base of the sandbox's own registry, in the catalog and on `main`,
 * and then moves the base's tag. `base` is what the catalog says before. Returns what the tag names now.
 */
export async function moveBase(sandbox: Sandbox, base: string): Promise<string> {
  const registry = readRecord(sandbox)?.registry ?? '';
  const moving = `${registry}/upstream/moving:1`;
  const push = async (label: string) => {
    const recipe = `FROM ${base}\nLABEL edition=${label}\n`;
    execFileSync(dockerCli(), ['build', '--quiet', '--tag', moving, '-'], { input: recipe, env });
    const pushed = await docker('push', moving);
    return /digest: (sha256:[a-f0-9]{64})/.exec(pushed)?.[1] ?? '';
  };
  const before = await push('one');
  const catalog = readFileSync(sandbox.catalogFile, 'utf8');
  writeFileSync(sandbox.catalogFile, catalog.replace(base, `${moving}@${before}`));
  await pushCheckout(sandbox);
  const after = await push('two');
  await docker('image', 'rm', '--force', moving);
  return after;
}
