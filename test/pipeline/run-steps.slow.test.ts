import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  const results = await runSteps(steps, { root, env: process.env, say, stop: stop.signal });
  return {
    lines,
    results: results.map(({ name, ending, outcome }) => ({ name, ending, outcome })),
  };
}

test('a step runs whether or not the one before succeeded, and some exit codes are no failure', async () => {
  const { results } = await run([
    node('one', 'process.exit(3)'),
    { name: 'two', command: 'no-such-command', args: [] },
    node('look', 'process.exit(7)', { notices: { 7: 'drift' } }),
    // In a group of its own: a signal to this one does not reach it twice.
    node('four', 'process.kill(-process.pid, 0)'),
  ]);
  expect(results).toEqual([
    { name: 'one', ending: 'failed', outcome: 'failed with exit code 3' },
    { name: 'two', ending: 'failed', outcome: expect.stringContaining('ENOENT') as string },
    { name: 'look', ending: 'notice', outcome: 'drift' },
    { name: 'four', ending: 'done', outcome: 'done' },
  ]);
});

test('a step that is after another begins only if that has succeeded', async () => {
  const { lines, results } = await run([
    node('one', 'process.exit(3)'),
    node('two', '', { after: 'one' }),
    node('three', ''),
    node('four', '', { after: 'three' }),
    node('five', '', { after: 'no such step' }),
  ]);
  expect(results.map(({ ending }) => ending)).toEqual([
    'failed',
    'left out',
    'done',
    'done',
    'left out',
  ]);
  expect(lines).toHaveLength(3);
});

test('a plain registry is cleaned up after it was published to, and no other', () => {
  const stepsOf = (isPlain?: boolean) => refreshSteps({ stack: 'prod', isPlain }, 'node');
  const added = stepsOf(true).slice(stepsOf().length);
  expect(added.map(({ args, after }) => [args.slice(1).join(' '), after])).toEqual([
    ['clean-up --confirm --stack prod', 'publish, and put right'],
  ]);
  expect(stepsOf(false)).toEqual(stepsOf());
});

test('the page is written last, after each update and where it is asked for', () => {
  for (const stepsOf of [publishSteps, refreshSteps]) {
    for (const more of [{ isPlain: true }, { image: 'debian-12' }]) {
      const without = stepsOf({ stack: 'prod', ...more }, 'node');
      const added = stepsOf({ stack: 'prod', ...more, hasPage: true }, 'node').slice(
        without.length,
      );
      expect(added.map(({ args, after }) => [args.slice(1).join(' '), after])).toEqual([
        ['page --out .page --lookup --stack prod', undefined],
      ]);
    }
  }
});

test('a command has its variables, and is shown with them before it runs', async () => {
  const args = ['-c', 'test "$COLOUR" = blue'];
  const step = { name: 'a', command: 'sh', args, variables: { COLOUR: 'blue' } };
  const { lines, results } = await run([step]);
  expect(lines).toEqual(['\n## a\n$ COLOUR=blue sh -c test "$COLOUR" = blue']);
  expect(results).toMatchObject([{ ending: 'done' }]);
});

test('nothing but a preview goes without saving the state on its way', () => {
  const all = [previewSteps, publishSteps, driftSteps, refreshSteps];
  const steps = all.flatMap((stepsOf) => stepsOf({ stack: 'prod' }, 'node'));
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

test('the output of a step goes to its file, in a folder that is made', async () => {
  const folder = temporaryFolder();
  const step = node('a', 'console.log("printed")', { output: 'made/output' });
  await run([step], new AbortController(), folder);
  expect(readFileSync(join(folder, 'made/output'), 'utf8')).toBe('printed\n');
});

test('a step that is not needed does not begin, and leaves its output empty', async () => {
  const folder = temporaryFolder();
  const seen: string[] = [];
  const isNeeded = (root: string) => seen.push(root) === 0;
  const step = node('a', 'process.exit(1)', { output: 'made/output', isNeeded });
  const { lines, results } = await run([step], new AbortController(), folder);
  expect({ lines, results, seen }).toEqual({ lines: [], results: [], seen: [folder] });
  expect(readFileSync(join(folder, 'made/output'), 'utf8')).toBe('');
});

test.each([
  ['{"steps": []}', false],
  [
    JSON.stringify({
      steps: [stepOf('oci:index:Publication'), stepOf('docker:index/image:Image')],
    }),
    true,
  ],
  // The step itself says what is wrong with it.
  ['', true],
])('builds of a merge request begin only for a preview that builds: %j', (preview, expected) => {
  const root = temporaryFolder();
  mkdirSync(join(root, '.preview'));
  writeFileSync(join(root, '.preview/preview.json'), preview);
  const steps = previewSteps({ stack: 'prod' }, 'node');
  const build = steps.find(({ args }) => args.includes('build-changes'));
  expect(build?.isNeeded?.(root)).toBe(expected);
});

function stepOf(type: string) {
  const urn = `urn:pulumi:prod::kubernetes-ci-images::${type}::debian-12`;
  const inputs = { tag: 'a', build: { args: {} } };
  return { op: 'create', urn, newState: { urn, type, inputs } };
}

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
  const looked = ['refresh', 'summary'];
  expect(names.flat()).toEqual(['refresh', ...looked, 'up', 'preview', 'summary']);
});

test.each([
  [{}, 'refresh --propose --stack staging'],
  [
    { host: 'github', branch: 'main' },
    'refresh --propose --host github --branch main --stack staging',
  ],
])('every step is of the chosen stack, and the proposal has the options %o', (more, proposal) => {
  const steps = refreshSteps({ stack: 'staging', ...more }, 'node');
  for (const { args } of steps) expect(args.join(' ')).toContain('--stack staging');
  expect(steps[0]?.args.slice(1).join(' ')).toBe(proposal);
});
