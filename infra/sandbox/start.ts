import { provideBases } from './base-images.ts';
import { CHECKOUT } from './checkout.ts';
import { chooseDockerPlugin } from './choose-docker-plugin.ts';
import { resolveDockerEngine, sandboxDockerEngine } from './docker-engine.ts';
import { closingWords } from './closing-words.ts';
import { changedAnything, publish } from './publish.ts';
import { publishedImages } from './published-images.ts';
import { publishedTable } from './published-table.ts';
import { provideLanguageHost, resolveEngine } from './pulumi-engine.ts';
import { startRegistry } from './registry.ts';
import { type Report, reportTo } from './report.ts';
import { runMain } from './run-main.ts';
import { readRecord, writeRecord } from './sandbox-record.ts';
import { type Sandbox, sandboxAt } from './sandbox.ts';
import { writeStackSettings } from './stack-settings.ts';
import { withSandboxLock } from './with-sandbox-lock.ts';

// `npm start`: from a fresh clone to published images. Each step finds what an earlier run left.
await runMain(() => {
  const sandbox = sandboxAt(CHECKOUT);
  return withSandboxLock(sandbox, () => start(sandbox, reportTo(process.stdout)));
});

async function start(sandbox: Sandbox, report: Report): Promise<number> {
  const engine = await report.step('Pulumi engine', async (note) => {
    const result = await resolveEngine(note);
    provideLanguageHost(sandbox.pulumiHome, result);
    return { result, summary: `${result.version}, ${result.command}` };
  });

  const docker = await report.step('Docker Engine', async (note) => {
    const result = await resolveDockerEngine(sandboxDockerEngine(sandbox.dockerFolder), note);
    return { result, summary: `${result.version}, ${startedOrFound(result)}, ${result.host}` };
  });

  const registry = await report.step('registry', async (note) => {
    const result = await startRegistry(sandbox.registryFolder, docker, note);
    return { result, summary: `${result.address}, ${startedOrFound(result)}` };
  });

  const dockerPlugin = await report.step('docker plug-in', async () => {
    const previous = tolerantly(() => readRecord(sandbox))?.dockerPlugin;
    const { root, pulumiHome } = sandbox;
    const result = await chooseDockerPlugin(root, pulumiHome, engine, previous);
    return { result, summary: `${result.kind}, ${result.version}` };
  });

  await report.step('base images', async (note) => {
    const result = await provideBases(sandbox, docker, registry.address, note);
    const { total, pulled, made } = result;
    const kept = total - pulled - made;
    return { result, summary: `${made} made, ${pulled} looked up, ${kept} as they were` };
  });

  const record = { engine, docker, registry: registry.address, dockerPlugin };
  writeRecord(sandbox, record);
  writeStackSettings(sandbox, registry.address);
  const publication = await report.step('images', async (note) => {
    const result = await publish(sandbox, record, note);
    const outcome = changedAnything(result) ? 'published' : 'nothing changed';
    return { result, summary: result.failed ? 'not all' : outcome, failed: result.failed };
  });

  report.say(`\n${publishedTable(await publishedImages(sandbox, record))}`);
  report.say(`\n${closingWords(registry.address)}`);
  if (publication.failed) console.error('\nNot every image could be published: see above.');
  return publication.failed ? 1 : 0;
}

function startedOrFound({ started }: { readonly started: boolean }): string {
  return started ? 'started' : 'running already';
}

/** A damaged record is no reason not to start: it is about to be written anew. */
function tolerantly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
