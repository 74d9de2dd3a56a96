import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream, existsSync, type Stats } from 'node:fs';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, posix, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatProblems } from '../../../../src/problem.ts';
import {
  holdsKept,
  isIgnored,
  NO_RULES,
  parseDockerignore,
  type IgnoreRules,
} from '../../../../src/tag/dockerignore.ts';

/**
 * The hash by which `docker.Image` notices that its build context changed, 64 hexadecimal digits. The
 * hash is over the Dockerfile and each file that the ignore file lets through: its relative path, its
 * full mode and its content (for a symlink, its target).
 *
 * Follows `hashContext` of pulumi-docker (provider/provider.go), but for its reading of ignore files.
 */
export async function contextDigest(context: string, dockerfile: string): Promise<string> {
  const rules = await loadRules(context, dockerfile);
  const digest = createHash('sha256');
  // Under a fixed name: the build does not depend on the name of the Dockerfile either.
  await addFile(digest, dockerfile, 'Dockerfile', '-'.repeat(10));
  for await (const { path, stats } of walk(context, '', rules)) {
    const [file, mode] = [join(context, path), goFileMode(stats.mode)];
    if (!stats.isSymbolicLink()) await addFile(digest, file, path, mode);
    else addPart(digest, path, mode, createHash('sha256').update(await linkTarget(file)));
  }
  return digest.digest('hex');
}

async function loadRules(context: string, dockerfile: string): Promise<IgnoreRules> {
  const files = [`${dockerfile}.dockerignore`, join(context, '.dockerignore')];
  const file = files.find((path) => existsSync(path));
  if (file === undefined) return NO_RULES;
  const { rules, problems } = parseDockerignore(await readFile(file, 'utf8'), file);
  if (problems.length > 0) throw new Error(formatProblems(problems));
  return rules;
}

/** Files and symlinks, each directory's by name. */
async function* walk(
  context: string,
  directory: string,
  rules: IgnoreRules,
): AsyncGenerator<{ path: string; stats: Stats }> {
  const names = await readdir(join(context, directory));
  for (const name of names.sort()) {
    const path = posix.join(directory, name);
    const stats = await lstat(join(context, path));
    const ignored = isIgnored(rules, path);
    if (stats.isDirectory()) {
      if (!ignored || holdsKept(rules, path)) yield* walk(context, path, rules);
    } else if (!ignored) {
      yield { path, stats };
    }
  }
}

/** The official plug-in rejects such a context too. A stand-in that took it would mislead. */
async function linkTarget(link: string): Promise<string> {
  const target = await realpath(link).catch(() => {
    throw new Error(
      `${link} is a symlink to nothing, which docker.Image rejects in a build context; ` +
        'create the link in the Dockerfile, or ignore it in the .dockerignore',
    );
  });
  return isAbsolute(link) ? target : relative(process.cwd(), target);
}

async function addFile(digest: Hash, file: string, name: string, mode: string): Promise<void> {
  const content = createHash('sha256');
  await pipeline(createReadStream(file), content, { end: false });
  addPart(digest, name, mode, content);
}

function addPart(digest: Hash, name: string, mode: string, content: Hash): void {
  digest.update(name).update(mode).update(content.digest()).update('\0');
}

/** The mode of a file or symlink as Go prints it, such as `-rwxr-xr-x` or `Lrwxrwxrwx`. Git keeps no other bits. */
export function goFileMode(mode: number): string {
  const link = (mode & constants.S_IFMT) === constants.S_IFLNK ? 'L' : '-';
  const letters = Array.from('rwxrwxrwx', (letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-'));
  return link + letters.join('');
}
