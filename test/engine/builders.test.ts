import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { planCheckout } from '../../src/cli/read-stack.ts';
import { sum } from '../../src/disk/space-needed.ts';
import { chooseBuilder } from '../../src/plan/builders.ts';
import type { PlannedImage } from '../../src/plan/plan-stack.ts';
import type { Builder } from '../../src/settings/builders.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { dockerCli } from '../support/docker-cli.ts';
import { makeDockerCertificates, type DockerCertificates } from '../support/docker-certificates.ts';
import { startDockerDaemon, type DockerDaemon } from '../support/docker-daemon.ts';
import {
  expectPlainFailure,
  expectPublished,
  plannedTags,
  previewedSteps,
  succeeded,
} from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { commandsBelow, watchProcesses } from '../support/processes.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { startSshServer, type SshServer } from '../support/ssh-server.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

// Three Docker Engines: two by TLS, and one by ssh. The tests follow on one another.

/** Seconds that each build waits. */
const WAIT = 7;

const PROVIDER = 'pulumi:providers:docker';
const PLATFORMS = ['linux/amd64'];

const folder = sharedFolder();
const daemons = new Map<string, DockerDaemon>();
let certificates: DockerCertificates;
let fixture: PublishingFixture;
let checkout: TestCheckout;
let ssh: SshServer;
let builders: readonly Builder[];
/** Two for each builder. */
let names: readonly string[];

beforeAll(async () => {
  fixture = await startPublishingFixture();
  certificates = await makeDockerCertificates(join(folder, 'certificates'));
  for (const [number, name] of ['left', 'right', 'far'].entries()) {
    const options = { folder: join(folder, name), number };
    const daemon = await startDockerDaemon(
      name === 'far' ? options : { ...options, certificates: certificates.server },
    );
    daemons.set(name, daemon);
  }
  ssh = await startSshServer(join(folder, 'ssh'), {
    DOCKER_HOST: daemonOf('far').socket,
    PATH: `${dirname(dockerCli())}:/usr/bin:/bin`,
  });
  const { engine } = inject('prerequisites');
  checkout = await fixture.checkout({
    code: 'copied',
    env: {
      // Nothing that leads Docker anywhere, and the way to the builder by ssh.
      DOCKER_HOST: undefined,
      PATH: [ssh.bin, dirname(process.execPath), dirname(engine.command), process.env['PATH']].join(
        ':',
      ),
    },
  });
  const byTls = (name: string): Builder => ({
    ...{ name, host: daemonOf(name).tls, certPath: certificates.client },
    ...{ platforms: PLATFORMS, parallel: 1 },
  });
  const far = { name: 'far', host: ssh.address, platforms: PLATFORMS, parallel: 1 };
  builders = [byTls('left'), byTls('right'), far];
  names = builders.flatMap(({ name }) =>
    Array.from({ length: 40 }, (_, index) => `image-${index}`)
      .filter((image) => builderOf(image) === name)
      .slice(0, 2),
  );
  checkout.declare(names, fixture.base);
});

afterAll(async () => {
  await ssh.stop();
  for (const daemon of daemons.values()) await daemon.remove();
  await fixture.close();
});

function daemonOf(name: string): DockerDaemon {
  return known(daemons.get(name));
}

const builderOf = (image: string) => chooseBuilder(image, 'linux/amd64', builders)?.name;

const imagesOf = (builder: string) => names.filter((name) => builderOf(name) === builder);

const pulumi = (args: readonly string[]) => checkout.pulumi(...args);

/** Runs the engine with variables that only this run has. */
const pulumiWith = (more: NodeJS.ProcessEnv, args: readonly string[]) =>
  checkout.run(inject('prerequisites').engine.command, args, more);

/** The builds wait from now on, or no longer. */
function write(dockerfile: string): void {
  for (const name of names) checkout.write(`config/contexts/${name}/Dockerfile`, dockerfile);
}

/** Each image changes, so that none is published. */
function change(to: string, changed: readonly string[] = names): void {
  for (const name of changed) checkout.write(`config/contexts/${name}/content`, `${to} ${name}\n`);
}

/** The images that a builder has under their tags of now. */
function builtOn(builder: string): readonly string[] {
  const { images } = planCheckout(checkout.root, 'sandbox');
  const listed = execFileSync(
    dockerCli(),
    ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'],
    { env: { ...process.env, DOCKER_HOST: daemonOf(builder).socket }, encoding: 'utf8' },
  );
  const isThere = ({ name, builds }: PlannedImage) =>
    builds.every(({ tag }) => listed.includes(`/${name}:${tag}\n`));
  return images.filter(isThere).map(({ name }) => name);
}

/** How many builds wait on each builder at a time, as seen while something runs. */
async function watchBuilds(run: Promise<unknown>): Promise<readonly (readonly number[])[]> {
  const seen: number[][] = [];
  const isWaiting = (command: string) => command.startsWith(`busybox sleep ${WAIT}`);
  const look = () => {
    const pids = builders.map(({ name }) => daemonOf(name).pid());
    seen.push(pids.map((pid) => commandsBelow(pid).filter(isWaiting).length));
  };
  const timer = setInterval(look, 500);
  try {
    await run;
  } finally {
    clearInterval(timer);
  }
  return seen;
}

/** The most builds that waited on each builder at a time. */
const mostOf = (seen: readonly (readonly number[])[]) =>
  builders.map((_, at) => Math.max(...seen.map((counts) => counts[at] ?? 0)));

/** The providers of the state that a resource of Docker may have, by the names of images. */
async function providersInState(): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await pulumi(['stack', 'export']);
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources: { type: string; urn: string; provider?: string }[] };
  };
  const images = deployment.resources.filter(({ type }) => type === 'docker:index/image:Image');
  return new Map(
    images.map(({ urn, provider = '' }) => [
      urn.split('::').at(-1) ?? '',
      provider.split('::').at(-2) ?? '',
    ]),
  );
}

describe('builders that are declared', () => {
  it('change nothing of what is published: each is a provider that is created', async () => {
    await succeeded(pulumiWith({ DOCKER_HOST: inject('prerequisites').docker.host }, up()));
    const tags = plannedTags(checkout);
    checkout.configure({ builders });
    expect(plannedTags(checkout)).toEqual(tags);
    const steps = await previewedSteps(checkout);
    const created = ['published-images', ...builders.map(({ name }) => `builder-${name}`)];
    expect(steps).toEqual(created.map((name) => `create ${PROVIDER} ${name}`).toSorted());
    await succeeded(pulumi(up()));
    await succeeded(pulumi(['preview', '--refresh', '--run-program', '--expect-no-changes']));
    expect(new Set((await providersInState()).values())).toEqual(new Set(['published-images']));
  });

  it('that are one build as many at once as it takes', async () => {
    checkout.configure({ builders: builders.filter(({ name }) => name === 'left') });
    write(DOCKERFILE.replace('/content', `/content\nRUN busybox sleep ${WAIT}`));
    const seen = await watchBuilds(succeeded(pulumi(up())));
    expect(mostOf(seen)).toEqual([1, 0, 0]);
    expect(builtOn('left')).toEqual(names);
    await expectPublished(fixture, checkout);
  });

  it('that are three share the images out, in at most 0.65 of the time of one', async () => {
    checkout.configure({ builders });
    change('shared');
    const seen = await watchBuilds(succeeded(pulumi(up())));
    expect(mostOf(seen)).toEqual([1, 1, 1]);
    // One takes the sum of what all three have taken; a busy machine makes both longer.
    const atATime = seen.map(sum).filter((count) => count > 0);
    expect(atATime.length / sum(atATime)).toBeLessThanOrEqual(0.65);
    for (const { name } of builders) expect(builtOn(name), name).toEqual(imagesOf(name));
    await expectPublished(fixture, checkout);
  });

  it('leave no key and no password in the state, and no change', async () => {
    await succeeded(pulumi(['preview', '--refresh', '--run-program', '--expect-no-changes']));
    const { stdout } = await pulumi(['stack', 'export', '--show-secrets']);
    expect(stdout).not.toMatch(/BEGIN|PRIVATE KEY|certMaterial|keyMaterial/);
  });
});

describe('a builder that is killed while it builds', () => {
  it('fails its images by name; the others are published, and what is published stays', async () => {
    const [building = '', adopted = ''] = imagesOf('right');
    const changed = names.filter((name) => name !== adopted);
    change('killed', changed);
    const watch = watchProcesses(daemonOf('right').pid());
    const run = pulumi(up('--continue-on-error'));
    const isBuilding = () => [...watch.commands].some((line) => line.includes(`sleep ${WAIT}`));
    await vi.waitUntil(isBuilding, { timeout: 120_000 });
    watch.end();
    await daemonOf('right').kill();
    const result = await run;
    expectPlainFailure(
      result,
      new RegExp(`${building} is not published: builder right \\(tcp://127.0.0.1:\\d+\\)`),
      /does not respond: connect ECONNREFUSED 127\.0\.0\.1:\d+/,
      'IMAGES_WITHOUT_BUILDERS=right',
    );
    for (const name of names) {
      const isLost = name === building;
      expect(result.output.includes(`${name} is not published`), name).toBe(isLost);
      if (!isLost) await expectPublished(fixture, checkout, [name]);
    }
  });

  it('fails them while it is down, and nothing else', async () => {
    const [building = ''] = imagesOf('right');
    const result = await pulumi(up('--continue-on-error'));
    expectPlainFailure(result, `${building} is not published: builder right`);
    const failed = names.filter((name) => result.output.includes(`${name} is not published`));
    expect(failed).toEqual([building]);
  });

  it('warns in a preview, which shows what would be built', async () => {
    const { code, output } = await pulumi(['preview', '--non-interactive', '--color', 'never']);
    expect(code, output).toBe(0);
    expect(output).toMatch(/warning: .*builder right .* does not respond/);
    expect(output).toMatch(new RegExp(`docker:index:Image\\s+${imagesOf('right')[0]}\\s+create`));
  });

  it('is done without where a run is told so, and its images go to the others', async () => {
    const without = { IMAGES_WITHOUT_BUILDERS: 'right' };
    await succeeded(pulumiWith(without, up()));
    await expectPublished(fixture, checkout);
    // All is published: no builder is needed, and that it is down changes nothing more.
    const { code, output } = await pulumi(['preview', '--expect-no-changes']);
    expect(code, output).toBe(0);
    expect(output).toMatch(/warning: .*builder right .* does not respond/);
  });

  it('builds again when it is back', async () => {
    await daemonOf('right').start();
    change('back', imagesOf('right'));
    await succeeded(pulumi(up()));
    expect(builtOn('right')).toEqual(imagesOf('right'));
    await expectPublished(fixture, checkout);
    await succeeded(pulumi(['preview', '--refresh', '--run-program', '--expect-no-changes']));
  });
});

describe('an environment that leads Docker elsewhere', () => {
  const misleading = {
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
    DOCKER_CONTEXT: 'nowhere',
    DOCKER_CERT_PATH: '/nowhere',
    DOCKER_TLS_VERIFY: '1',
  };

  it('stops a plain engine', async () => {
    const result = await pulumiWith(misleading, ['preview', '--non-interactive']);
    expectPlainFailure(
      result,
      'BUILDERS_REDIRECTED',
      'unset DOCKER_HOST DOCKER_CONTEXT DOCKER_CERT_PATH DOCKER_TLS_VERIFY',
    );
  });

  it('is kept from the engine of a pipeline', async () => {
    write(DOCKERFILE);
    const args = ['run', '-s', 'publish-pipeline', '--', '--stack', 'sandbox'];
    const { code, output } = await checkout.run('npm', args, misleading);
    expect(output).not.toContain('error:');
    expect(code, output).toBe(0);
    for (const { name } of builders) expect(builtOn(name), name).toEqual(imagesOf(name));
    await expectPublished(fixture, checkout);
  });
});

it('an image that is dropped does not need the builder that built it in the last run', async () => {
  const [dropped = ''] = imagesOf('right');
  expect((await providersInState()).get(dropped)).toBe('builder-right');
  await daemonOf('right').kill();
  checkout.declare(
    names.filter((name) => name !== dropped),
    fixture.base,
  );
  const { code, output } = await pulumi(up());
  expect(code, output).toBe(0);
  expect((await providersInState()).has(dropped)).toBe(false);
  await daemonOf('right').start();
  await succeeded(pulumi(up()));
});

it('a builder that goes takes its provider with it, and nothing else', async () => {
  const tags = plannedTags(checkout);
  checkout.configure({ builders: builders.filter(({ name }) => name !== 'far') });
  expect(plannedTags(checkout)).toEqual(tags);
  const steps = await previewedSteps(checkout);
  expect(steps).toEqual([`delete ${PROVIDER} builder-far`]);
  await succeeded(pulumi(up()));
});
