import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import gcpPackage from '@pulumi/gcp/package.json' with { type: 'json' };
import { expect } from 'vitest';
import { startGoogleApi } from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { gcpSettings } from '../../../../infra/sandbox/stack-settings.ts';
import { installStandIn } from '../../../../infra/sandbox/stand-ins/install-stand-in.ts';
import { keepPlugIns } from '../../../support/kept-plug-ins.ts';
import { startRun, type Run } from '../../../support/processes.ts';
import { startMemoryRegistry } from '../../emulators/google/memory-registry.ts';
import { callApi, SECRET } from '../../emulators/google/started-api.ts';

export const TOKEN = 'token-of-the-tests';

export type GcpEngine = Awaited<ReturnType<typeof startGcpEngine>>;

/**
 * The real engine with a project of its own and the stand-in, in front of an emulator.
 *
 * @param engine the engine's command
 * @param program the text of the program
 * @param trigger full name of the Cloud Build trigger that is the program's setting `target`
 */
export async function startGcpEngine(engine: string, program: string, trigger: string) {
  const root = mkdtempSync(join(tmpdir(), 'gcp-plugin-'));
  const [project, home] = [join(root, 'project'), join(root, 'home')];
  for (const folder of [project, home, join(root, 'state'), join(root, 'google')]) {
    mkdirSync(folder);
  }
  const { version } = gcpPackage;
  writeProject(project, program);
  installStandIn(home, 'language-nodejs', '0.0.1');
  installStandIn(home, 'resource-gcp', version);
  const registry = await startMemoryRegistry();
  const api = await startGoogleApi({
    registry: registry.address,
    folder: join(root, 'google'),
    secret: SECRET,
  });
  const env = {
    ...process.env,
    PATH: [dirname(engine), dirname(process.execPath), process.env['PATH']].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${join(root, 'state')}`,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_STACK: 'test',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  };
  const standIn = { kind: 'stand-in', version } as const;
  const plugins = { docker: standIn, gcp: standIn };
  const kept = await keepPlugIns({ engine: { languageHost: 'stand-in' }, plugins }, project, env);
  const pulumi = async (...args: string[]): Promise<Run> => {
    const all = [...args, '--non-interactive', '--color=never'];
    const run = await startRun(engine, all, project, { ...env, ...kept.env }).done;
    return { ...run, output: run.output + (await kept.output()) };
  };
  await pulumi('stack', 'init', 'test');
  return {
    /** `127.0.0.1:<port>`. */
    registry: registry.address,
    /** Writes the settings of the stack: the provider's, for the emulator, and others. */
    configure(more: Readonly<Record<string, string>> = {}) {
      const settings = {
        ...gcpSettings('ci-images', 'europe-west4', api.address),
        'gcp:accessToken': TOKEN,
        'scratch:target': `http://${api.address}/v1/${trigger}:run`,
        ...more,
      };
      const file = join(project, 'Pulumi.test.yaml');
      const salt = /^encryptionsalt:.*$/m.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
      writeFileSync(file, `config: ${JSON.stringify(settings)}\n${salt}\n`);
    },
    pulumi,
    up: (...args: string[]) => pulumi('up', '--yes', '--skip-preview', ...args),
    /** Outputs of the stack, with secrets. */
    async outputs() {
      const { stdout } = await pulumi('stack', 'output', '--json', '--show-secrets');
      return JSON.parse(stdout) as unknown;
    },
    /** The stack's state file. */
    state: () => readFileSync(join(root, 'state/.pulumi/stacks/scratch/test.json'), 'utf8'),
    /** Fails where a refresh or the program would change anything. */
    async expectNoDifference() {
      const { code, output } = await pulumi('preview', '--refresh', '--expect-no-changes');
      expect(output).not.toMatch(/error/);
      expect(code).toBe(0);
    },
    /** A request of somebody else to the emulator. */
    call: (method: string, path: string, body?: unknown) =>
      callApi(api.address, method, path, body),
    async close() {
      kept.end();
      await api.close();
      await registry.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function writeProject(folder: string, program: string): void {
  const lighter = pathToFileURL(resolve('infra/engine/before-runner.ts')).href;
  const options = { typescript: false, nodeargs: `--import ${lighter}` };
  const files = {
    'Pulumi.yaml': JSON.stringify({ name: 'scratch', runtime: { name: 'nodejs', options } }),
    'package.json': '{"type": "module", "main": "program.ts"}',
    'program.ts': program,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
}
