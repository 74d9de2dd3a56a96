import { endDockerEngine } from '../toolchain/docker-engine.ts';
import { endEmulation } from '../toolchain/emulation.ts';
import { reportTo } from '../toolchain/report.ts';
import { runMain } from '../toolchain/run-main.ts';
import { endService } from './background-service.ts';
import { CHECKOUT, sandboxAt, withSandboxLock } from './sandbox.ts';

// `npm stop`: ends what `npm start` started, and nothing else. Storage and state stay.
await runMain(async () => {
  const sandbox = sandboxAt(CHECKOUT);
  const report = reportTo(process.stdout);
  let isAnyEnded = false;
  const end = async (ending: Promise<boolean>, message: string) => {
    if (!(await ending)) return;
    isAnyEnded = true;
    report.say(message);
  };
  // First, and without the lock: a running pipeline holds it.
  await end(
    endService({ name: 'gitlab', folder: sandbox.gitlabFolder }),
    'The GitLab emulator has ended. Its logs stay in .sandbox/gitlab.',
  );
  return withSandboxLock(sandbox, async () => {
    await end(
      endService({ name: 'emulator', folder: sandbox.emulatorFolder }),
      'The Google API emulator has ended. What it holds stays in .sandbox/google-api.',
    );
    await end(
      endService({ name: 'upstream', folder: sandbox.upstreamFolder }),
      "The stand-in for a distribution's server has ended.",
    );
    await end(
      endService({ name: 'page', folder: sandbox.pageFolder }),
      'The page of all images is no longer served. It stays in .sandbox/page.',
    );
    // The registry before the Docker Engine: where it is a container, the engine ends it.
    await end(
      endService({ name: 'registry', folder: sandbox.registryFolder }),
      'The registry has ended. What was published stays in .sandbox/registry.',
    );
    await end(
      endDockerEngine({ folder: sandbox.dockerFolder }),
      'The Docker Engine that npm start had started has ended.',
    );
    const emulated = await endEmulation(sandbox.folder);
    await end(
      Promise.resolve(emulated.length > 0),
      `Programs for ${emulated.join(', ')} are no longer emulated for npm start. The emulator stays installed, like other packages.`,
    );
    if (!isAnyEnded) report.say('Nothing to stop.');
    return 0;
  });
});
