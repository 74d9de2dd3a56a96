import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';

/** The plug-ins of a test checkout, kept in one process of their own (plug-in-host.ts). */
interface KeptPlugIns {
  /** What makes an engine attach to them. */
  readonly env: NodeJS.ProcessEnv;
  /** What they, and the programs that they ran, have printed since this was last called. */
  output(): Promise<string>;
  end(): void;
}

interface Which {
  readonly engine: Pick<SandboxRecord['engine'], 'languageHost'>;
  readonly plugins: Partial<SandboxRecord['plugins']>;
}

/** Official ones are the engine's to start: the tests keep what is of this project. */
export async function keepPlugIns(
  { engine, plugins }: Which,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<KeptPlugIns> {
  const host = join(import.meta.dirname, 'plug-in-host.ts');
  const child = spawn(process.execPath, [host], { cwd, env, stdio: 'pipe' });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (printed[name] += text));
  }
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the plug-ins ended with exit code ${String(code)}\n${printed.stderr}`));
    });
  });
  ended.catch(() => undefined);
  /** Waits until that is the end of what an output has printed, and takes everything before it. */
  const takeUntil = async (name: keyof typeof printed, end: string): Promise<string> => {
    while (!printed[name].includes(end)) await Promise.race([once(child[name], 'data'), ended]);
    const [before = '', after = ''] = printed[name].split(end);
    printed[name] = after;
    return before;
  };
  const ports = JSON.parse(await takeUntil('stdout', '\n')) as Readonly<Record<string, number>>;
  let runs = 0;
  const names = Object.entries(plugins).filter(([, { kind }]) => kind === 'stand-in');
  const providers = ['oci', ...names.map(([name]) => name)];
  return {
    env: {
      PULUMI_DEBUG_PROVIDERS: providers.map((name) => `${name}:${ports[name] ?? ''}`).join(','),
      ...(engine.languageHost === 'stand-in' && {
        PULUMI_DEBUG_LANGUAGES: `nodejs:${ports['nodejs'] ?? ''}`,
      }),
    },
    async output() {
      const end = `that was all of run ${(runs += 1)}\n`;
      child.stdin.write(end);
      return (await takeUntil('stdout', end)) + (await takeUntil('stderr', end));
    },
    end() {
      child.stdin.end();
    },
  };
}
