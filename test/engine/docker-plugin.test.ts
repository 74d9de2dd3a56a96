import { execFileSync, type StdioOptions } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import type structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { propertiesFromStruct } from '../../infra/oci/protocol/properties.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { MANIFEST_MEDIA_TYPES } from '../../src/registry/manifest.ts';
import { dockerCli } from '../support/docker-cli.ts';
import { type DockerCertificates, makeDockerCertificates } from '../support/docker-certificates.ts';
import { type DockerFront, startDockerFront } from '../support/docker-front.ts';
import { type DockerPlugIn, startDockerPlugIn } from '../support/docker-plug-in.ts';
import { REGISTRY_ACCOUNT, startRegistry, type StartedRegistry } from '../support/registry.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

// What the project relies on in a docker plug-in, official or stand-in: in whichever the engine would start here,
// with the real Docker Engine and a real registry. No base image is needed: every image is built from scratch.

const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;

const root = sharedFolder();
const dockerConfig = join(root, 'docker-config');
const repositories = new Set<string>();
let registry: StartedRegistry;
let plugIn: DockerPlugIn;

beforeAll(async () => {
  registry = await startRegistry({ dir: join(root, 'registry') });
  repositories.add(`${registry.address}/team/app`);
  mkdirSync(dockerConfig);
  const { pulumiHome } = inject('prerequisites');
  plugIn = await startDockerPlugIn(pulumiHome, { ...process.env, DOCKER_CONFIG: dockerConfig });
  await plugIn.configure({});
});

afterAll(async () => {
  plugIn.end();
  await registry.stop();
  for (const repository of repositories) {
    docker('image', 'rm', '--force', ...new Set(namesOf(repository)));
  }
});

/** A repository's names in the daemon: tags, and one for each digest that was pushed. */
function namesOf(repository: string): readonly string[] {
  const names = '{{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}';
  const lines = docker('image', 'ls', '--digests', '--format', names, repository);
  return lines.split(/\s+/).filter((name) => name !== '' && !name.includes('<none>'));
}

function docker(...args: readonly string[]): string {
  // Not to this process's: where a name of an image was its last, Docker complains of the others.
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  return execFileSync(dockerCli(), args, { encoding: 'utf8', stdio }).trim();
}

async function create(properties: Properties) {
  return plugIn.create(await plugIn.check(properties));
}

const digestOf = ({ outputs }: { readonly outputs: structPb.Struct | undefined }) =>
  propertiesFromStruct(outputs)['repoDigest'];

/** A build context of its own with these lines as Dockerfile; returns the inputs. */
function inputsOf(tag: string, lines: readonly string[], more: Properties = {}): Properties {
  const context = join(root, tag);
  const dockerfile = join(context, 'Dockerfile');
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'file'), `${tag}\n`);
  writeFileSync(dockerfile, lines.join('\n'));
  const imageName = `${registry.address}/team/app:${tag}`;
  const { build, ...others } = more;
  return {
    imageName,
    build: {
      context,
      dockerfile,
      platform: 'linux/amd64',
      builderVersion: 'BuilderBuildKit',
      ...(build as Properties),
    },
    ...others,
  };
}

async function digestInRegistry(tag: string): Promise<string | null> {
  const answer = await fetch(`http://${registry.address}/v2/team/app/manifests/${tag}`, {
    method: 'HEAD',
    headers: { Accept: MANIFEST_MEDIA_TYPES.join(', ') },
  });
  return answer.headers.get('Docker-Content-Digest');
}

const SIMPLE = ['FROM scratch', 'COPY file /file'];

describe('docker.Image on the real Docker Engine', () => {
  test('create builds, pushes, and returns the digest that the registry has', async () => {
    const image = await create(inputsOf('create', SIMPLE));
    expect(image.id).toBe(`${registry.address}/team/app:create`);
    const digest = String(await digestInRegistry('create'));
    expect(digestOf(image)).toBe(`${registry.address}/team/app@${digest}`);
  });

  test('create pushes although the tag is in the registry already', async () => {
    await create(inputsOf('again', SIMPLE));
    const first = await digestInRegistry('again');
    await create(inputsOf('again', [...SIMPLE, 'LABEL changed=yes']));
    expect(await digestInRegistry('again')).not.toBe(first);
  });

  test('the same inputs are no difference', async () => {
    const inputs = inputsOf('same', SIMPLE);
    const image = await create(inputs);
    const same = await plugIn.diff(image, await plugIn.check(inputs));
    expect(same.getChanges()).toBe(DIFF_NONE);
  });

  test('an update under a new name pushes that, and leaves the old tag where it was', async () => {
    const old = await create(inputsOf('old', SIMPLE));
    const news = await plugIn.check(inputsOf('new', SIMPLE));
    const difference = await plugIn.diff(old, news);
    expect(difference.getChanges()).toBe(DIFF_SOME);
    expect([...difference.getDetaileddiffMap().keys()].toSorted()).toEqual(['build', 'imageName']);
    expect(difference.getReplacesList()).toEqual([]);
    const updated = await plugIn.update(old, news);
    expect(digestOf(updated)).toContain(String(await digestInRegistry('new')));
    expect(digestOf(old)).toContain(String(await digestInRegistry('old')));
  });

  test('arguments, target and platform reach the build', async () => {
    const lines = ['FROM scratch AS one', 'ARG WHO', 'LABEL who=$WHO', 'FROM scratch', 'COPY no /'];
    const build = { target: 'one', platform: 'linux/s390x', args: { WHO: 'me "too"' } };
    await create(inputsOf('options', lines, { build }));
    const format = '{{.Architecture}} {{index .Config.Labels "who"}}';
    const name = `${registry.address}/team/app:options`;
    expect(docker('image', 'inspect', '--format', format, name)).toBe('s390x me "too"');
  });

  test('a failing Dockerfile is an error that shows the reason', async () => {
    const inputs = inputsOf('failing', ['FROM scratch', 'COPY absent /absent']);
    await expect(create(inputs)).rejects.toThrow('absent');
    expect(await digestInRegistry('failing')).toBeNull();
  });

  test('a registry that is not there is an error that names it', async () => {
    const imageName = '127.0.0.1:1/team/app:unreachable';
    repositories.add('127.0.0.1:1/team/app');
    const inputs = inputsOf('unreachable', SIMPLE, { imageName });
    await expect(create(inputs)).rejects.toThrow('127.0.0.1:1');
  });

  test('the Docker configuration opens a registry that is closed without', async () => {
    const closed = await startRegistry({ dir: join(root, 'closed'), auth: true });
    try {
      const imageName = `${closed.address}/team/app:login`;
      repositories.add(`${closed.address}/team/app`);
      const inputs = inputsOf('login', SIMPLE, { imageName });
      await expect(create(inputs)).rejects.toThrow(/no basic auth|unauthorized/);
      const { username, password } = REGISTRY_ACCOUNT;
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      const config = { auths: { [closed.address]: { auth } } };
      writeFileSync(join(dockerConfig, 'config.json'), JSON.stringify(config));
      expect(digestOf(await create(inputs))).toMatch(/@sha256:/);
    } finally {
      await closed.stop();
    }
  });
});

describe('a provider with an address of its own', () => {
  let certificates: DockerCertificates;
  let front: DockerFront;
  let dead: string;
  const plugIns: DockerPlugIn[] = [];

  beforeAll(async () => {
    certificates = await makeDockerCertificates(join(root, 'certificates'));
    const { docker: engine, pulumiHome } = inject('prerequisites');
    front = await startDockerFront(engine.host, certificates.server);
    // Its port is free again, and nobody else's so soon.
    const other = await startDockerFront(engine.host, certificates.server);
    dead = other.host;
    other.close();
    expect(pulumiHome).not.toBe('');
  });

  afterAll(() => {
    for (const each of plugIns) each.end();
    front.close();
  });

  /** A plug-in whose environment has the variables, and no others that lead to an engine. */
  async function start(variables: NodeJS.ProcessEnv = {}): Promise<DockerPlugIn> {
    const { DOCKER_HOST: _, ...env } = process.env;
    const { pulumiHome } = inject('prerequisites');
    const started = await startDockerPlugIn(pulumiHome, {
      ...env,
      DOCKER_CONFIG: dockerConfig,
      ...variables,
    });
    plugIns.push(started);
    return started;
  }

  const byFiles = () => ({ host: front.host, certPath: certificates.client });

  test('with certPath builds there, wherever DOCKER_HOST leads', async () => {
    const started = await start({ DOCKER_HOST: dead });
    await started.configure(byFiles());
    const before = front.connections();
    const image = await started.create(await started.check(inputsOf('by-files', SIMPLE)));
    expect(digestOf(image)).toContain(String(await digestInRegistry('by-files')));
    expect(front.connections()).toBeGreaterThan(before);
  });

  test('with the content of certificates builds there', async () => {
    const started = await start();
    await started.configure({ host: front.host, ...certificates.material });
    const image = await started.create(await started.check(inputsOf('by-material', SIMPLE)));
    expect(digestOf(image)).toContain(String(await digestInRegistry('by-material')));
  });

  test('with the content of certificates goes where DOCKER_HOST leads instead', async () => {
    const led = await start({ DOCKER_HOST: front.host });
    await led.configure({ host: dead, ...certificates.material });
    const misled = await start({ DOCKER_HOST: dead });
    const settings = { host: front.host, ...certificates.material };
    await expect(misled.configure(settings)).rejects.toThrow(/docker daemon/i);
  });

  test('takes all of their content or none, and none beside certPath', async () => {
    const started = await start();
    const { keyMaterial, ...incomplete } = certificates.material;
    expect(keyMaterial).toContain('PRIVATE KEY');
    await expect(started.configure({ host: front.host, ...incomplete })).rejects.toThrow(
      'must all be specified',
    );
    await expect(started.configure({ ...byFiles(), ...certificates.material })).rejects.toThrow(
      /certPath|cert_path/,
    );
  });

  test('fails with DOCKER_CERT_PATH in the environment by content, and by ssh', async () => {
    const started = await start({ DOCKER_CERT_PATH: certificates.client });
    const byMaterial = { host: front.host, ...certificates.material };
    await expect(started.configure(byMaterial)).rejects.toThrow(/certPath|cert_path/);
    await expect(started.configure({ host: 'ssh://absent.invalid' })).rejects.toThrow();
    await started.configure(byFiles());
  });

  test('without certificates, or where nobody listens, fails before any build', async () => {
    const started = await start();
    await expect(started.configure({ host: front.host })).rejects.toThrow(/docker daemon/i);
    await expect(started.configure({ ...byFiles(), host: dead })).rejects.toThrow(/docker daemon/i);
  });

  test('ignores a context and a login', async () => {
    const started = await start();
    const registryAuth = JSON.stringify([{ address: registry.address, username: 'ci' }]);
    await started.configure({ ...byFiles(), context: 'default', registryAuth });
  });

  test('gives options to ssh', async () => {
    const started = await start();
    const proxy = join(root, 'proxy');
    const sshOpts = JSON.stringify(['-o', `ProxyCommand=touch '${proxy}'`]);
    await started.configure({ host: 'ssh://absent.invalid', sshOpts });
    expect(existsSync(proxy)).toBe(false);
    await expect(started.create(await started.check(inputsOf('ssh', SIMPLE)))).rejects.toThrow();
    expect(existsSync(proxy)).toBe(true);
  });
});

// After the builds: it leads the plug-in to engines that are not there.
describe('the settings of the provider', () => {
  const ABSENT = 'unix:///absent/docker.sock';

  test.each<Record<string, string>>([
    { disableDockerDaemonCheck: 'true' },
    { context: 'default' },
    {},
  ])('with %o as well, the engine is contacted', async (settings) => {
    await expect(plugIn.configure({ host: ABSENT, ...settings })).rejects.toThrow(/docker daemon/i);
  });

  test('one by ssh is not contacted before a build', async () => {
    await plugIn.configure({ host: 'ssh://absent.invalid' });
  });

  test.each([
    ['another docker:host changes the provider in place', 'unix:///other.sock', DIFF_SOME],
    ['the same docker:host is no change', ABSENT, DIFF_NONE],
  ])('%s', async (_, host, changes) => {
    const difference = await plugIn.diffConfig({ host: ABSENT }, { host });
    expect(difference.getChanges()).toBe(changes);
    expect(difference.getReplacesList()).toEqual([]);
  });
});
