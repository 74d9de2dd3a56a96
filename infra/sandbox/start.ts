import { join } from 'node:path';
import { writePage } from '../../src/cli/page.ts';
import { formatDay } from '../../src/dates.ts';
import type { StartedService } from './background-service.ts';
import {
  CHECKOUT,
  GOOGLE_PROJECT,
  REGION,
  REPOSITORY_ID,
  type Sandbox,
  SANDBOX_STACK,
  sandboxAt,
  withSandboxLock,
} from './sandbox.ts';
import { choosePlugins } from './choose-plugins.ts';
import { type DockerEngine, resolveDockerEngine } from '../toolchain/docker-engine.ts';
import { provideEmulation } from '../toolchain/emulation.ts';
import { provideCatalog } from './provide-catalog.ts';
import { provideConsumer } from './provide-consumer.ts';
import { changedAnything, publish } from './publish.ts';
import { publishedImages, publishedTable } from './published-images.ts';
import {
  noticeUploads,
  secretOfEmulator,
  startEmulator,
  startGitlab,
  startPage,
} from './services.ts';
import { pushCheckout } from './emulators/gitlab/project-repository.ts';
import { provideLanguageHost } from './stand-ins/install-stand-in.ts';
import { resolveEngine } from '../toolchain/pulumi-engine.ts';
import { startRegistry } from './registry.ts';
import { type Progress, reportTo } from '../toolchain/report.ts';
import { runInterruptibleMain } from '../toolchain/run-main.ts';
import { type SandboxRecord, writeRecord } from './sandbox-record.ts';
import { type SandboxAddresses, writeStackSettings } from './stack-settings.ts';
import { needsEmulation, readWanted, rememberPlatforms, type Wanted } from './wanted.ts';

// `npm start`: from a fresh clone to published images. Each step finds what an earlier run left.
const report = reportTo(process.stdout);
await runInterruptibleMain(async () => {
  const sandbox = sandboxAt(CHECKOUT);
  const wanted = readWanted(process.argv.slice(2), sandbox);
  return withSandboxLock(sandbox, () => start(sandbox, wanted));
}, report.say);

async function start(sandbox: Sandbox, wanted: Wanted): Promise<number> {
  const record = await provideCloud(sandbox, wanted);
  writeRecord(sandbox, record);
  writeStackSettings(sandbox, record);
  const publication = await report.step('images', async (progress) => {
    const result = await publish(sandbox, record, progress);
    await noticeUploads(record.emulator);
    await pushCheckout(sandbox);
    const outcome = changedAnything(result) ? 'published' : 'nothing changed';
    return { result, summary: result.failed ? 'not all' : outcome, failed: result.failed };
  });

  const providePage = report.step('page', async ({ note }) => {
    const folder = join(sandbox.pageFolder, 'files');
    const day = formatDay(new Date());
    // A lookup of newer bases would take as long as all else.
    await writePage(sandbox.root, SANDBOX_STACK, { folder, day, isLookup: false, note });
    const { address } = await startPage(sandbox);
    const result = `http://${address}/`;
    return { result, summary: `${result}, every image and why it stays` };
  });

  const [page, images] = await Promise.all([providePage, publishedImages(sandbox, record)]);
  report.say(`\n${publishedTable(images)}`);
  report.say(`\n${nextSteps({ ...record, page }, secretOfEmulator(sandbox))}`);
  if (publication.failed) console.error('\nNot everything could be published: see above.');
  return publication.failed ? 1 : 0;
}

/** Everything that the program needs. Errors of both halves are reported at the end. */
async function provideCloud(sandbox: Sandbox, wanted: Wanted): Promise<SandboxRecord> {
  // Building an engine takes the processors for minutes; the rest waits for the network and the disk.
  const engine = provideEngine(sandbox);
  const services = provideServices(sandbox, wanted);
  const outcomes = await Promise.allSettled([engine, services]);
  const errors = outcomes.flatMap((outcome): readonly unknown[] =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  if (errors.length > 0) throw new AggregateError(errors);
  return { ...(await engine), ...(await services) };
}

/** The engine with its plug-ins. */
async function provideEngine(sandbox: Sandbox): Promise<Pick<SandboxRecord, 'engine' | 'plugins'>> {
  const engine = await report.step('Pulumi engine', async (progress) => {
    const result = await resolveEngine(progress);
    provideLanguageHost(sandbox.pulumiHome, result);
    return { result, summary: `${result.version}, ${result.command}` };
  });
  const plugins = await report.step('plug-ins', async ({ note }) => {
    const result = await choosePlugins(sandbox.pulumiHome, note);
    const summaries = Object.entries(result).map(
      ([name, { kind, version }]) => `${name} ${version} ${kind}`,
    );
    return { result, summary: summaries.join(', ') };
  });
  return { engine, plugins };
}

/** The servers that the program connects to, and the catalog that it publishes. */
async function provideServices(
  sandbox: Sandbox,
  wanted: Wanted,
): Promise<Omit<SandboxRecord, 'engine' | 'plugins'>> {
  const docker = await report.step('Docker Engine', async ({ note }) => {
    const result = await resolveDockerEngine({ folder: sandbox.dockerFolder }, note);
    return { result, summary: `${result.version}, ${startedOrFound(result)}, ${result.host}` };
  });
  if (needsEmulation(wanted)) await provideProcessors(sandbox, wanted, docker);
  const provide = (title: string, start: (progress: Progress) => Promise<StartedService>) =>
    report.step(title, async (progress) => {
      const service = await start(progress);
      return { result: service.address, summary: `${service.address}, ${startedOrFound(service)}` };
    });
  const registry = await provide('registry', ({ note }) =>
    startRegistry(sandbox.registryFolder, docker, note),
  );
  const emulator = await provide('Google emulator', () => startEmulator(sandbox, registry));
  const gitlab = await provide('GitLab emulator', () => startGitlab(sandbox));
  await report.step('consumer', async () => {
    const made = await provideConsumer(sandbox.consumer);
    const where = 'a repository whose branches use the images: .sandbox/consumer';
    return { result: made, summary: made > 0 ? `${where}, ${made} branches made` : where };
  });
  await provideCatalog(sandbox, { docker, registry }, wanted, report);
  rememberPlatforms(sandbox, wanted);
  return { docker, registry, emulator, gitlab };
}

async function provideProcessors(
  { folder }: Sandbox,
  { platforms }: Wanted,
  docker: DockerEngine,
): Promise<void> {
  await report.step('emulation', async ({ note }) => {
    const own = await provideEmulation(platforms, folder, docker, note);
    if (own.length > 0) note('an emulated build takes several times as long');
    const until = own.length > 0 ? `; ${own.join(', ')} until npm stop` : '';
    return { result: own, summary: `${platforms.join(', ')} can be built${until}` };
  });
}

function startedOrFound({ started }: { readonly started: boolean }): string {
  return started ? 'started' : 'running already';
}

function nextSteps(
  { registry, emulator, gitlab, page }: SandboxAddresses & { readonly page: string },
  secret: string,
): string {
  const parent = `projects/${GOOGLE_PROJECT}/locations/${REGION}`;
  const google = `http://${emulator}/v1/${parent}`;
  const own = `http://${emulator}/emulator/v1`;
  const post = `  curl -X POST -H 'Authorization: Bearer ${secret}'`;
  return [
    'Look further:',
    `  ${page.padEnd(47)} every image, who needs it and why it stays`,
    '  npm run pulumi -- preview --diff                what the next up would change',
    '  npm run -s images -- plan --stack sandbox       what is published, and from which inputs',
    '  npm run -s images -- check NAME --stack sandbox who has signed an image, and what is attested of it',
    '  npm run -s images -- references --stack sandbox which branch needs what, and where it says so',
    '  npm run -s images -- retention --stack sandbox  what the clean-up keeps and deletes, and why',
    `  ${`http://${registry}/v2/_catalog`.padEnd(47)} what the registry holds`,
    'Do what happens at Google: list the images, run the daily clean-up, fire the refresh',
    `  curl -H 'Authorization: Bearer any' ${google}/repositories/${REPOSITORY_ID}/dockerImages`,
    `${post} ${own}/cleanup`,
    `${post} ${own}/jobs/${parent}/jobs/refresh-${REPOSITORY_ID}:fire`,
    'See what the refresh that was fired does',
    `  curl http://${gitlab}/pipelines/1`,
    'Stop: npm stop (what was published stays for the next npm start)',
  ].join('\n');
}
