import { spawn } from 'node:child_process';

/** One check of the gate: a program that ends with 0 when all is well. */
interface GateStep {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The native compiler, by its path: the earlier one, which Pulumi's SDK takes, has the same name. */
const TSC = 'node_modules/typescript-native/bin/tsc';

/** The checks that read the sources only. The longest comes first, so that two at a time end soonest. */
export const SOURCE_STEPS: readonly GateStep[] = [
  { title: 'lint', command: 'oxlint', args: [] },
  { title: 'types', command: 'node', args: [TSC, '--noEmit'] },
  { title: 'format', command: 'oxfmt', args: ['--check'] },
  { title: 'schema', command: 'node', args: ['src/cli/images.ts', 'schema', '--check'] },
];

/** As many at a time as the smallest machine that this runs on has cores. */
const AT_A_TIME = 2;

/** Runs every step, whether others fail or not; prints how each went. Returns whether all went well. */
export async function runGate(steps: readonly GateStep[]): Promise<boolean> {
  const waiting = [...steps];
  const results: boolean[] = [];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      results.push(await runStep(step));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results.every(Boolean);
}

async function runStep({ title, command, args }: GateStep): Promise<boolean> {
  const begin = Date.now();
  const output: string[] = [];
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
    }
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  console.log(`${code === 0 ? '✓' : '✗'} ${title.padEnd(10)} ${seconds} s`);
  if (code !== 0) console.log(output.join('').trimEnd());
  return code === 0;
}
