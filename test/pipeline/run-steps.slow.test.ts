import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { formatResults, runSteps, type Step } from '../../infra/pipeline/run-steps.ts';
import {
  previewSteps,
  driftSteps,
  publishSteps,
  refreshSteps,
} from '../../infra/pipeline/steps.ts';

const node = (name: string, code: string, more: Partial<Step> = {}): Step => ({
  name,
  command: process.execPath,
  args: ['-e', code],
  ...more,
});

async function run(
  steps: readonly Step[],
  stop = new AbortController(),
  root = import.meta.dirname,
) {
  const lines: string[] = [];
  const say = (line: string) => lines.push(line);
  const results = await runSteps(steps, {
    root,
    env: process.env,
    say,
    stop: stop.signal,
  });
  return {
    lines,
    results: results.map(({ name, ending, outcome }) => ({ name, ending, outcome })),
  };
}

test('a step runs whether or not the one before succeeded', async () => {
  const { results } = await run([
    node('one', 'process.exit(3)'),
    { name: 'two', command: 'no-such-command', args: [] },
    node('three', ''),
  ]);
  expect(results).toEqual([
    { name: 'one', ending: 'failed', outcome: 'failed with exit code 3' },
    { name: 'two', ending: 'failed', outcome: expect.stringContaining('ENOENT') as string },
    { name: 'three', ending: 'done', outcome: 'done' },
  ]);
});

test('an exit code that is a notice is no failure', async () => {
  const drift = node('look', 'process.exit(7)', { notices: { 7: 'drift' } });
  expect((await run([drift])).results).toEqual([
    { name: 'look', ending: 'notice', outcome: 'drift' },
  ]);
});

test('a command is shown before it runs, as it is', async () => {
  const { lines } = await run([{ name: 'a', command: 'true', args: ['--stack', 'prod'] }]);
  expect(lines).toEqual(['\n## a\n$ true --stack prod']);
});

test('a command has its variables, and shows them', async () => {
  const step = node('a', 'process.exit(process.env.COLOUR === "blue" ? 0 : 1)');
  const { lines, results } = await run([{ ...step, variables: { COLOUR: 'blue' } }]);
  expect(lines[0]).toContain(`$ COLOUR=blue ${process.execPath}`);
  expect(results).toMatchObject([{ ending: 'done' }]);
});

test('nothing but a preview goes without saving the state on its way', () => {
  const steps = [
    ...previewSteps({ stack: 'prod' }, 'node'),
    ...publishSteps({ stack: 'prod' }, 'node'),
    ...driftSteps({ stack: 'prod' }, 'node'),
    ...refreshSteps({ stack: 'prod' }, 'node'),
  ];
  const engine = steps.filter(({ command }) => command === 'pulumi');
  const isSkipping = ({ variables }: Step) => variables?.['PULUMI_SKIP_CHECKPOINTS'] === 'true';
  expect(engine.filter(isSkipping)).toEqual(engine.filter(({ args }) => args[0] === 'preview'));
  expect(engine.map(({ args }) => args[0])).toContain('up');
});

test('after a stop, the running step ends by itself and no other begins', async () => {
  const stop = new AbortController();
  const ready = join(temporaryFolder(), 'ready');
  const patient = `process.on('SIGINT', () => process.exit(5)); setTimeout(() => {}, 60000);
    require('node:fs').writeFileSync(${JSON.stringify(ready)}, '')`;
  const running = run([node('one', patient), node('two', '')], stop);
  await expect.poll(() => existsSync(ready)).toBe(true);
  stop.abort();
  const { results } = await running;
  expect(results).toEqual([{ name: 'one', ending: 'failed', outcome: 'failed with exit code 5' }]);
});

test('a step is in a group of its own, so that a signal to this one does not reach it twice', async () => {
  const { results } = await run([node('one', 'process.kill(-process.pid, 0)')]);
  expect(results).toMatchObject([{ outcome: 'done' }]);
});

test('the output of a step goes to its file, in a folder that is made', async () => {
  const folder = temporaryFolder();
  const step = node('a', 'console.log("printed")', { output: 'made/output' });
  await run([step], new AbortController(), folder);
  expect(readFileSync(join(folder, 'made/output'), 'utf8')).toBe('printed\n');
});

test('results are a line each, failures and notices marked', () => {
  expect(
    formatResults([
      { name: 'refresh', ending: 'done', outcome: 'done', seconds: 1.04 },
      { name: 'look', ending: 'notice', outcome: 'drift', seconds: 9.96 },
      { name: 'up', ending: 'failed', outcome: 'failed with exit code 255', seconds: 123.4 },
    ]),
  ).toBe(
    '✓ refresh    1.0 s  done\n! look      10.0 s  drift\n✗ up       123.4 s  failed with exit code 255',
  );
});

test('the catalog is proposed before anything is published, and drift is looked for before it is put right', () => {
  const names = refreshSteps({ stack: 'prod' }, 'node').map(({ args }) =>
    args.filter((arg) => /^[a-z]/.test(arg) && !arg.includes('/')).slice(0, 1),
  );
  expect(names.flat()).toEqual(['refresh', 'refresh', 'up', 'preview']);
});

test('every step is of the chosen stack', () => {
  for (const { args } of refreshSteps({ stack: 'staging' }, 'node')) {
    expect(args.join(' ')).toContain('--stack staging');
  }
});

test("options of the proposal are passed on, and left to CI's own variables otherwise", () => {
  const propose = (more: object) =>
    refreshSteps({ stack: 'prod', ...more }, 'node')[0]
      ?.args.slice(1)
      .join(' ');
  expect(propose({})).toBe('refresh --propose --stack prod');
  expect(propose({ host: 'github', branch: 'main' })).toBe(
    'refresh --propose --host github --branch main --stack prod',
  );
});
