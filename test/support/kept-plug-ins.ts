import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';

/** The plug-ins of a test checkout, kept in one process of their own (plug-in-host.ts). */
export interface KeptPlugIns {
  /** What makes an engine attach to them. */
  readonly env: NodeJS.ProcessEnv;
  /** What they, and the programs that they ran, have printed since this was last asked. */
  output(): string;
  end(): void;
}

interface Which {
  readonly engine: Pick<SandboxRecord['engine'], 'languageHost'>;
  readonly plugins: SandboxRecord['plugins'];
}

/** Official ones are the engine's to start: the tests keep what is of this project. */
export async function keepPlugIns(
  { engine, plugins }: Which,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<KeptPlugIns> {
  const host = join(import.meta.dirname, 'plug-in-host.ts');
  const child = spawn(process.execPath, [host], { cwd, env, stdio: 'pipe' });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  while (!printed.includes('\n')) await Promise.race([once(child.stdout, 'data'), failed(child)]);
  const ports = JSON.parse(printed) as Readonly<Record<string, number>>;
  printed = '';
  const names = Object.entries(plugins).filter(([, { kind }]) => kind === 'stand-in');
  const providers = ['oci', ...names.map(([name]) => name)];
  return {
    env: {
      PULUMI_DEBUG_PROVIDERS: providers.map((name) => `${name}:${ports[name] ?? ''}`).join(','),
      ...(engine.languageHost === 'stand-in' && {
        PULUMI_DEBUG_LANGUAGES: `nodejs:${ports['nodejs'] ?? ''}`,
      }),
    },
    output() {
      const text = printed;
      printed = '';
      return text;
    },
    end() {
      child.stdin.end();
    },
  };
}

async function failed(child: ReturnType<typeof spawn>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the plug-ins ended with exit code ${String(code)}`);
}
