import { CHECKOUT } from './checkout.ts';
import { endDockerEngine, sandboxDockerEngine } from './docker-engine.ts';
import { endRegistry } from './registry.ts';
import { reportTo } from './report.ts';
import { runMain } from './run-main.ts';
import { readRecord } from './sandbox-record.ts';
import { sandboxAt } from './sandbox.ts';
import { withSandboxLock } from './with-sandbox-lock.ts';

// `npm stop`: ends what `npm start` started, and nothing else. Storage and state stay.
await runMain(() => {
  const sandbox = sandboxAt(CHECKOUT);
  const report = reportTo(process.stdout);
  return withSandboxLock(sandbox, async () => {
    // The registry first: where it is a container, ending it takes the Docker Engine.
    const registry = await endRegistry(sandbox.registryFolder, readRecord(sandbox)?.docker);
    if (registry)
      report.say('The registry has ended. What was published stays in .sandbox/registry.');
    const docker = await endDockerEngine(sandboxDockerEngine(sandbox.dockerFolder));
    if (docker) report.say('The Docker Engine that npm start had started has ended.');
    if (!registry && !docker) report.say('Nothing to stop.');
    return 0;
  });
});
