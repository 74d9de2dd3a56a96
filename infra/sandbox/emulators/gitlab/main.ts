import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createQueue, openPipelines } from './pipelines.ts';
import { commitOf } from './project-repository.ts';
import { runPipeline } from './run-pipeline.ts';
import { startTriggerApi } from './trigger-api.ts';
import { triggerToken } from './trigger-request.ts';
import { CHECKOUT, sandboxAt } from '../../sandbox.ts';
import { runMain } from '../../../toolchain/run-main.ts';

// The stand-in for GitLab, as a program of its own: `node main.ts --port 5200`.
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
  console.log(`Stand-in for GitLab: http://${api.address}`);
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  await api.close();
  await queue.close();
  return 0;
});
