import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installStandIn } from '../../../../infra/sandbox/stand-ins/install-stand-in.ts';
import { keepPlugIns } from '../../../support/kept-plug-ins.ts';
import { startRun, type Run } from '../../../support/processes.ts';

/** A project of its own with the stand-in as its only plug-in, for the real engine. */
export interface GcpCheckout {
  /** Writes the settings of the stack: `gcp:project` and the like. */
  configure(settings: Readonly<Record<string, string>>): void;
  pulumi(...args: string[]): Promise<Run>;
  /** Outputs of the stack, secrets shown. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** The stack's state, as it is written. */
  state(): string;
  remove(): void;
}

export async function makeGcpCheckout(engine: string, program: string): Promise<GcpCheckout> {
  const root = mkdtempSync(join(tmpdir(), 'gcp-plugin-'));
  const project = join(root, 'project');
  const home = join(root, 'home');
  for (const folder of [project, home, join(root, 'state')]) mkdirSync(folder);
  writeFileSync(
    join(project, 'Pulumi.yaml'),
    'name: scratch\nruntime: {name: nodejs, options: {typescript: false}}\n',
  );
  writeFileSync(join(project, 'package.json'), '{"type": "module", "main": "program.ts"}');
  const lighter = pathToFileURL(resolve('infra/engine/without-serialization.ts')).href;
  writeFileSync(join(project, 'program.ts'), `import '${lighter}';\n${program}`);
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  installStandIn(home, 'language-nodejs', '0.0.1');
  installStandIn(home, 'resource-gcp', sdkVersion());
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
  const standIn = { kind: 'stand-in', version: sdkVersion() } as const;
  const kept = await keepPlugIns(
    { engine: { languageHost: 'stand-in' }, plugins: { docker: standIn, gcp: standIn } },
    project,
    env,
  );
  const pulumi = async (...args: string[]): Promise<Run> => {
    const all = [...args, '--non-interactive', '--color=never'];
    const run = await startRun(engine, all, project, { ...env, ...kept.env }).done;
    return { ...run, output: run.output + (await kept.output()) };
  };
  await pulumi('stack', 'init', 'test');

  return {
    configure(settings) {
      const lines = Object.entries(settings).map(
        ([name, value]) => `  ${name}: ${JSON.stringify(value)}`,
      );
      const file = join(project, 'Pulumi.test.yaml');
      const salt = /^encryptionsalt:.*$/m.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
      writeFileSync(file, ['config:', ...lines, salt, ''].join('\n'));
    },
    pulumi,
    async outputs() {
      const { stdout } = await pulumi('stack', 'output', '--json', '--show-secrets');
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    state: () => readFileSync(join(root, 'state/.pulumi/stacks/scratch/test.json'), 'utf8'),
    remove() {
      kept.end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function sdkVersion(): string {
  const { version } = JSON.parse(readFileSync('node_modules/@pulumi/gcp/package.json', 'utf8')) as {
    version: string;
  };
  return version;
}
