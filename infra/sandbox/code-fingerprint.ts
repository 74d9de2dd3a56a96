import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * A hash of all that the sandbox's programs are made of in the checkout at `root`: the sources they
 * can import, and the versions of the packages. The same code has the same one wherever it lies.
 */
export function codeFingerprint(root: string): string {
  const sources = ['infra', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of [...sources, join(root, 'package-lock.json')].sort()) {
    const content = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`\n${relative(root, file)} ${content}`);
  }
  return hash.digest('hex');
}
