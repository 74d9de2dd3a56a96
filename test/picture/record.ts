import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { format } from 'prettier';
import { endDockerEngine, resolveDockerEngine } from '../../infra/toolchain/docker-engine.ts';
import { git } from '../git/git-repository.ts';
import { copyCheckout, type CopiedCheckout } from '../support/copied-checkout.ts';
import { startRun } from '../support/processes.ts';
import { createTerminal, terminalSvg, type Frame } from './terminal.ts';

// `npm run picture`: records README.md's pictures from real runs, in a copy of the checkout: `npm start`
// from nothing, and the note of a merge request that changes the recipe of all images. Needs script(1).

const COLUMNS = 112;
const START = '.github/npm-start.svg';
const NOTE = '.github/merge-request-note.svg';

const own = { folder: join(process.cwd(), '.sandbox/docker') };
const docker = await resolveDockerEngine(own, console.error);
// A user's cache that is empty: the engine and the bases are made, too.
const cache = mkdtempSync(join(tmpdir(), 'picture-'));
process.env['XDG_CACHE_HOME'] = cache;
const checkout = copyCheckout({ docker });
// The note compares with the commit that was published.
git(checkout.root, ['init', '--quiet', '--initial-branch=main']);
git(checkout.root, ['add', '--all']);
git(checkout.root, ['commit', '--quiet', '--message=published']);
try {
  const frames = await recordStart(checkout);
  writeFileSync(START, terminalSvg(frames, { columns: COLUMNS, rows: 36, seconds: 20 }));
  const lines = await noteLines(checkout);
  const size = { rows: lines.length, columns: Math.max(...lines.map(({ length }) => length)) };
  writeFileSync(NOTE, terminalSvg([{ at: 0, lines }], { ...size, seconds: 0 }));
} finally {
  await checkout.script('stop');
  checkout.remove();
  rmSync(cache, { recursive: true, force: true });
  if (docker.started) await endDockerEngine(own);
}

/** At most one frame a second. */
async function recordStart({ root }: CopiedCheckout): Promise<readonly Frame[]> {
  const command = `stty cols ${COLUMNS}; node infra/sandbox/start.ts`;
  const child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
    cwd: root,
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const terminal = createTerminal();
  terminal.write('$ npm start\n');
  const begun = performance.now();
  const frames: Frame[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    terminal.write(text);
    const at = (performance.now() - begun) / 1000;
    if (at - (frames.at(-1)?.at ?? -2) >= 1) frames.push({ at, lines: [...terminal.lines()] });
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(terminal.lines().join('\n'));
  return [...frames, { at: (performance.now() - begun) / 1000, lines: terminal.lines() }];
}

async function noteLines(checkout: CopiedCheckout): Promise<readonly string[]> {
  const { root } = checkout;
  const recipe = join(root, 'config/contexts/apt/Dockerfile');
  writeFileSync(recipe, `${readFileSync(recipe, 'utf8')}\nRUN true\n`);
  const { stdout } = await checkout.script('pulumi', 'preview', '--json', '--non-interactive');
  const preview = join(root, 'preview.json');
  writeFileSync(preview, stdout);
  const args = ['src/cli/images.ts', 'summary', '--preview', preview, '--stack', 'sandbox'];
  const { stdout: note } = await startRun(process.execPath, args, root, process.env).done;
  return (await format(note, { parser: 'markdown' })).trimEnd().split('\n');
}
