import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMain } from '../../../toolchain/run-main.ts';
import { CHECKOUT, sandboxAt } from '../../sandbox.ts';
import { serveUntilSignal } from '../loopback-server.ts';
import { createQueue, openPipelines } from './pipelines.ts';
import { commitOf } from './project-repository.ts';
import { runPipeline } from './run-pipeline.ts';
import { startTriggerApi } from './trigger-api.ts';
import { triggerToken } from './trigger-request.ts';

// The GitLab emulator as a program of its own: `node main.ts --port 5200`.
await runMain(async () => {
  const { port } = parseArgs({ options: { port: { type: 'string', default: '0' } } }).values;
  const sandbox = sandboxAt(CHECKOUT);
  const { gitlabFolder: folder, project } = sandbox;
  mkdirSync(folder, { recursive: true });
  const store = openPipelines(folder);
  const queue = createQueue(store, (pipeline, stop) =>
    runPipeline(sandbox, pipeline, store.folderOf(pipeline.id), stop),
  );
  const api = await startTriggerApi({
    port: Number(port),
    token: triggerToken(folder),
    store,
    queue,
    commitOf: (branch) => commitOf(project, branch),
  });
  await serveUntilSignal('GitLab emulator', api);
  await queue.close();
  return 0;
});
