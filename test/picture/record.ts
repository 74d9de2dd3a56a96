import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { format } from 'oxfmt';
import { endDockerEngine, resolveDockerEngine } from '../../infra/toolchain/docker-engine.ts';
import { git } from '../git/git-repository.ts';
import { copyCheckout, type CopiedCheckout } from '../support/copied-checkout.ts';
import { startRun, type Run } from '../support/processes.ts';
import { createTerminal, terminalSvg, type Frame } from './terminal.ts';

// `npm run picture -- [start] [note]`: records README.md's pictures from real runs, in a copy of the checkout: `npm start`
// from nothing, which needs script(1), and the note of a merge request that changes the recipe of all images.

const COLUMNS = 112;
const START = '.github/npm-start.svg';
const NOTE = '.github/merge-request-note.svg';

const PICTURES = ['start', 'note'];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !PICTURES.includes(name));
if (unknown.length > 0) {
  console.error(`there is no picture ${unknown.join(', ')}; there are ${PICTURES.join(', ')}`);
  process.exit(2);
}
const isChosen = (name: string) => chosen.length === 0 || chosen.includes(name);

const own = { folder: join(process.cwd(), '.sandbox/docker') };
const docker = await resolveDockerEngine(own, console.error);
const cache = mkdtempSync(join(tmpdir(), 'picture-'));
// A user's cache that is empty: the engine and the bases are made, too.
if (isChosen('start')) process.env['XDG_CACHE_HOME'] = cache;
const checkout = copyCheckout({ docker });
git(checkout.root, ['init', '--quiet', '--initial-branch=main']);
git(checkout.root, ['add', '--all']);
git(checkout.root, ['commit', '--quiet', '--message=published']);
try {
  if (isChosen('start')) {
    const frames = await recordStart(checkout);
    writeFileSync(START, terminalSvg(frames, { columns: COLUMNS, rows: 36, seconds: 20 }));
  } else {
    await succeed(checkout.script('start'));
  }
  if (isChosen('note')) {
    const lines = await noteLines(checkout);
    const size = { rows: lines.length, columns: Math.max(...lines.map(({ length }) => length)) };
    writeFileSync(NOTE, terminalSvg([{ at: 0, lines }], { ...size, seconds: 0 }));
  }
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

/** The standard output of a run. */
async function succeed(run: Promise<Run>): Promise<string> {
  const { code, output, stdout } = await run;
  if (code !== 0) throw new Error(output);
  return stdout;
}

async function noteLines(checkout: CopiedCheckout): Promise<readonly string[]> {
  const { root } = checkout;
  // What the sandbox generates is committed elsewhere, and the note compares with that.
  git(root, ['add', '--force', '.sandbox/images.yml', 'Pulumi.sandbox.yaml']);
  git(root, ['commit', '--quiet', '--message=published']);
  const recipe = join(root, 'config/contexts/apt/Dockerfile');
  writeFileSync(recipe, `${readFileSync(recipe, 'utf8')}\nRUN true\n`);
  const previewed = checkout.script('pulumi', 'preview', '--json', '--non-interactive');
  const preview = join(root, 'preview.json');
  writeFileSync(preview, await succeed(previewed));
  const options = ['--preview', preview, '--stack', 'sandbox', '--against', 'HEAD'];
  const args = ['src/cli/images.ts', 'summary', ...options];
  const note = await succeed(startRun(process.execPath, args, root, process.env).done);
  const { code } = await format('note.md', note);
  return code.trimEnd().split('\n');
}
