import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import languagePb from '@pulumi/pulumi/proto/language_pb.js';

/**
 * Pulumi's own runner ends with this code when it has already told the engine what went wrong
 * (`cmd/run/index.js` in @pulumi/pulumi); there is nothing to add then.
 */
const ALREADY_REPORTED = 32;

/**
 * Runs the project's program once, in a process of its own, by the same runner of @pulumi/pulumi
 * that the official host uses: uncaught errors, `RunError` and exit codes mean the same. What the
 * program prints goes to this host's standard output and error, which the engine displays.
 */
export async function runProgram(
  request: languagePb.RunRequest,
  engineAddress: string,
  signal: AbortSignal,
): Promise<languagePb.RunResponse> {
  const response = new languagePb.RunResponse();
  const { code, endedBy } = await ended(startProgram(request, engineAddress, signal));
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
  const pwd = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  // The program's own @pulumi/pulumi, since its state (such as the connection to the engine) must be shared.
  const runner = createRequire(join(pwd, 'package.json')).resolve('@pulumi/pulumi/cmd/run');
  const endWithHost = pathToFileURL(join(import.meta.dirname, 'end-with-host.ts')).href;
  return spawn(
    process.execPath,
    ['--import', endWithHost, runner, ...runnerArguments(request, engineAddress, pwd)],
    {
      cwd: pwd,
      // The fourth is a pipe that nothing is written to: it closes when this host ends (end-with-host.ts).
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
      signal,
    },
  );
}

function runnerArguments(
  request: languagePb.RunRequest,
  engineAddress: string,
  pwd: string,
): readonly string[] {
  const settings = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    'root-directory': request.getInfo()?.getRootDirectory() ?? pwd,
    stack: request.getStack(),
    pwd,
    parallel: String(request.getParallel()),
    'dry-run': String(request.getDryrun()),
  };
  const entryPoint = request.getInfo()?.getEntryPoint() ?? request.getProgram();
  return [
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    entryPoint,
    ...request.getArgsList(),
  ];
}

async function ended(
  child: ChildProcess,
): Promise<{ code: number | null; endedBy: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, endedBy) => {
      resolve({ code, endedBy });
    });
    child.once('error', (error) => {
      // An abort shows up here too, but the child is still ending then: wait for its exit.
      if (error.name !== 'AbortError') reject(error);
    });
  });
}
