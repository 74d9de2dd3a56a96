import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import languagePb from '@pulumi/pulumi/proto/language_pb.js';

/**
 * The exit code of Pulumi's own runner when it has already reported the failure to the engine
 * (`cmd/run/index.js` in @pulumi/pulumi).
 */
const ALREADY_REPORTED = 32;

/**
 * Runs the project's program once, in a process of its own, by the same runner of @pulumi/pulumi
 * that the official host uses: uncaught errors, `RunError` and exit codes mean the same. The program's
 * output goes to this host's standard output and error, which the engine displays.
 */
export async function runProgram(
  request: languagePb.RunRequest,
  engineAddress: string,
  signal: AbortSignal,
): Promise<languagePb.RunResponse> {
  const { code, endedBy } = await endOf(startProgram(request, engineAddress, signal));
  const response = new languagePb.RunResponse();
  if (code === ALREADY_REPORTED) response.setBail(true);
  else if (endedBy !== null) response.setError(`the program was ended by ${endedBy}`);
  else if (code !== 0) response.setError(`the program ended with exit code ${String(code)}`);
  return response;
}

function startProgram(
  request: languagePb.RunRequest,
  engineAddress: string,
  signal: AbortSignal,
): ChildProcess {
  const info = request.getInfo();
  const pwd = info?.getProgramDirectory() ?? request.getPwd();
  // The program's own @pulumi/pulumi, since its state (such as the connection to the engine) must be shared.
  const runner = createRequire(join(pwd, 'package.json')).resolve('@pulumi/pulumi/cmd/run');
  const settings = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    'root-directory': info?.getRootDirectory() ?? pwd,
    stack: request.getStack(),
    pwd,
    parallel: String(request.getParallel()),
    'dry-run': String(request.getDryrun()),
  };
  const args = [
    '--import',
    pathToFileURL(join(import.meta.dirname, 'end-with-host.ts')).href,
    ...nodeArguments(info),
    runner,
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    info?.getEntryPoint() ?? request.getProgram(),
    ...request.getArgsList(),
  ];
  return spawn(process.execPath, args, {
    // Nothing is written to the fourth, a pipe: it closes when this host ends (end-with-host.ts).
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    signal,
  });
}

/** The option `nodeargs` of Pulumi.yaml. Unlike the official host, this one knows no quotes in it. */
function nodeArguments(info: languagePb.ProgramInfo | undefined): readonly string[] {
  const { nodeargs } = info?.getOptions()?.toJavaScript() ?? {};
  return typeof nodeargs === 'string' ? nodeargs.split(' ') : [];
}

async function endOf(
  child: ChildProcess,
): Promise<{ code: number | null; endedBy: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, endedBy) => {
      resolve({ code, endedBy });
    });
    child.once('error', (error) => {
      // An abort is such an error too. The child still ends then, and emits `exit`.
      if (error.name !== 'AbortError') reject(error);
    });
  });
}
