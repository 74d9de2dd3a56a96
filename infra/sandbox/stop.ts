import { CHECKOUT, sandboxAt, withSandboxLock } from './sandbox.ts';
import { endDockerEngine, sandboxDockerEngine } from '../toolchain/docker-engine.ts';
import { endEmulator } from './emulator.ts';
import { endGitlab } from './emulators/gitlab/gitlab.ts';
import { endRegistry } from './registry.ts';
import { reportTo } from '../toolchain/report.ts';
import { runMain } from '../toolchain/run-main.ts';
import { recordedDocker } from './sandbox-record.ts';
import { endUpstream } from './upstream.ts';

// `npm stop`: ends what `npm start` started, and nothing else. Storage and state stay.
await runMain(async () => {
  const sandbox = sandboxAt(CHECKOUT);
  const report = reportTo(process.stdout);
  // First, and without the lock: a pipeline at work has it.
  const gitlab = await endGitlab(sandbox.gitlabFolder);
  if (gitlab) report.say('The stand-in for GitLab has ended. Its logs stay in .sandbox/gitlab.');
  return withSandboxLock(sandbox, async () => {
    const emulator = await endEmulator(sandbox.emulatorFolder);
    if (emulator)
      report.say('The Google API emulator has ended. What it holds stays in .sandbox/google-api.');
    const upstream = await endUpstream(sandbox.upstreamFolder);
    if (upstream) report.say('The stand-in for a distribution’s server has ended.');
    // The registry first: where it is a container, ending it takes the Docker Engine.
    const registry = await endRegistry(sandbox.registryFolder, recordedDocker(sandbox));
    if (registry)
      report.say('The registry has ended. What was published stays in .sandbox/registry.');
    const docker = await endDockerEngine(sandboxDockerEngine(sandbox.dockerFolder));
    if (docker) report.say('The Docker Engine that npm start had started has ended.');
    const ended = [gitlab, emulator, upstream, registry, docker];
    if (!ended.includes(true)) report.say('Nothing to stop.');
    return 0;
  });
});
