import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { workingTree } from '../../src/git/working-tree.ts';
import { parseDockerignore } from '../../src/tag/dockerignore.ts';
import { listContext, loadIgnoreRules } from '../../src/tag/list-context.ts';
import { SEED, share } from '../support/long-haul.ts';
import { dockerCli, dockerEnvironment } from '../support/docker-cli.ts';

const part = fc.constantFrom('a', 'b', 'ab', '.c', 'a.b', 'ä');
const files = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 4 }), {
  minLength: 3,
  maxLength: 12,
  selector: (parts) => parts.join('/'),
});
const patternPart = fc.oneof(
  { weight: 3, arbitrary: part },
  fc.constantFrom('*', '**', 'a*', '*b', '.*', '*.*'),
);
const pattern = fc
  .tuple(
    fc.constantFrom('', '', '', '/', ' '),
    fc.array(patternPart, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '', '/', '  ', '\r'),
  )
  .map(([before, parts, after]) => before + parts.join('/') + after);
const patterns = fc.array(
  fc.oneof({ weight: 6, arbitrary: pattern }, fc.constantFrom('', '# a', ' #')),
  { minLength: 1, maxLength: 4 },
);
const kept = fc
  .tuple(fc.constantFrom('!', '! ', ' !', '!/'), fc.array(part, { minLength: 1, maxLength: 3 }))
  .map(([before, parts]) => before + parts.join('/'));
/** Patterns, and often paths to keep below them; the rules that are not supported are left out. */
const lines = fc
  .tuple(patterns, fc.array(kept, { maxLength: 2 }))
  .map(([above, below]) => [...above, ...below])
  .filter((rules) => parseDockerignore(rules.join('\n'), '').problems.length === 0);

test('the files that Docker sends are those that are hashed', () => {
  const property = fc.property(files, lines, (paths, rules) => {
    inContext(paths, rules, (root) => {
      expect(sentPaths(root)).toEqual(countedPaths(root));
    });
  });
  fc.assert(property, { numRuns: share(150), seed: SEED });
});

function countedPaths(root: string): string[] {
  const tree = workingTree(root);
  const { rules, problems } = loadIgnoreRules('.dockerignore', tree);
  expect(problems).toEqual([]);
  return listContext('', rules, tree).files.map(({ path }) => path);
}

/** Lets the engine copy its whole context into an image and lists that. */
function sentPaths(root: string): string[] {
  const build = spawnSync(dockerCli(), ['build', '-q', '--output', 'type=tar,dest=-', root], {
    env: dockerEnvironment(),
    maxBuffer: 64 * 1024 * 1024,
  });
  if (build.status !== 0) {
    const reason = build.error?.message ?? build.stderr.toString();
    throw new Error(`docker build failed: is a Docker Engine with BuildKit running?\n${reason}`);
  }
  const listing = spawnSync('tar', ['-t', '--quoting-style=literal'], { input: build.stdout });
  const paths = listing.stdout.toString().split('\n');
  return paths.filter((path) => path !== '' && !path.endsWith('/')).sort(byBytes);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function inContext(
  paths: readonly (readonly string[])[],
  rules: readonly string[],
  use: (root: string) => void,
): void {
  const root = mkdtempSync(join(tmpdir(), 'dockerignore-'));
  try {
    for (const path of paths.map((parts) => join(root, ...parts))) {
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, '');
      } catch {
        // A file is where a directory should be, or the other way round: one file less.
      }
    }
    writeFileSync(join(root, '.dockerignore'), rules.join('\n'));
    writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}
