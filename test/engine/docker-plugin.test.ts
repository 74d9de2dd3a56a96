import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Properties, ResourceType } from '../../infra/oci/protocol/resource-type.ts';
import { createDockerStandIn } from '../../infra/sandbox/stand-ins/docker/docker-stand-in.ts';
import { runDocker } from '../../infra/sandbox/stand-ins/docker/run-docker.ts';
import { MANIFEST_MEDIA_TYPES } from '../../src/registry/manifest.ts';
import { dockerCli } from '../support/docker-cli.ts';
import { REGISTRY_ACCOUNT, startRegistry, type StartedRegistry } from '../support/registry.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

// The stand-in against the real Docker Engine and a real registry. No base image is needed: every
// image here is built from scratch.

const plugin = createDockerStandIn(runDocker);
const image = plugin.resources['docker:index/image:Image'] as Required<ResourceType>;
const urn = 'urn:pulumi:s::p::docker:index/image:Image::app';
const { signal } = new AbortController();

const root = sharedFolder();
let registry: StartedRegistry;
let logged: string[] = [];
const repositories = new Set<string>();

beforeAll(async () => {
  registry = await startRegistry({ dir: join(root, 'registry') });
  repositories.add(`${registry.address}/team/app`);
  await plugin.configure?.({});
});

afterAll(async () => {
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
  return execFileSync(dockerCli(), args, { encoding: 'utf8' }).trim();
}

/** A build context of its own with these lines as Dockerfile; returns the inputs. */
function inputsOf(tag: string, lines: readonly string[], more: Properties = {}): Properties {
  const context = join(root, tag);
  const dockerfile = join(context, 'Dockerfile');
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'file'), `${tag}\n`);
  writeFileSync(dockerfile, lines.join('\n'));
  const imageName = `${registry.address}/team/app:${tag}`;
  const { build, ...others } = more;
  return { imageName, build: { context, dockerfile, ...(build as Properties) }, ...others };
}

function log(severity: string, message: string): void {
  logged.push(`${severity}: ${message}`);
}

async function create(inputs: Properties): Promise<Properties> {
  logged = [];
  const { id, outputs } = await image.create({ urn, inputs, preview: false, log, signal });
  expect(id).toBe(inputs['imageName']);
  return outputs;
}

async function digestInRegistry(tag: string): Promise<string | null> {
  const response = await fetch(`http://${registry.address}/v2/team/app/manifests/${tag}`, {
    method: 'HEAD',
    headers: { Accept: MANIFEST_MEDIA_TYPES.join(', ') },
  });
  return response.headers.get('Docker-Content-Digest');
}

const SIMPLE = ['FROM scratch', 'COPY file /file'];

describe('docker.Image on the real Docker Engine', () => {
  test('create builds, pushes, and returns the digest that the registry has', async () => {
    const outputs = await create(inputsOf('create', SIMPLE));
    const digest = await digestInRegistry('create');
    expect(outputs['repoDigest']).toBe(`${registry.address}/team/app@${String(digest)}`);
    expect(logged.join('\n')).toMatch(/status: #\d+ .*COPY file/);
  });

  test('create pushes although the tag is in the registry already', async () => {
    await create(inputsOf('again', SIMPLE));
    const first = await digestInRegistry('again');
    await create(inputsOf('again', [...SIMPLE, 'LABEL changed=yes']));
    expect(await digestInRegistry('again')).not.toBe(first);
  });

  test('an update under a new name pushes that, and leaves the old tag where it was', async () => {
    const oldInputs = inputsOf('old', SIMPLE);
    const oldOutputs = await create(oldInputs);
    const news = inputsOf('new', SIMPLE);
    const { changed, replaces } = await image.diff({
      id: 'x',
      urn,
      oldInputs,
      oldOutputs,
      news,
      log,
      signal,
    });
    expect(changed).toEqual(['imageName', 'build']);
    expect(replaces).toBeUndefined();
    const update = { id: 'x', urn, oldInputs, oldOutputs, news, preview: false, log, signal };
    const outputs = await image.update(update);
    expect(outputs['repoDigest']).toContain(String(await digestInRegistry('new')));
    expect(oldOutputs['repoDigest']).toContain(String(await digestInRegistry('old')));
  });

  test('arguments, target and platform reach the build', async () => {
    const lines = ['FROM scratch AS one', 'ARG WHO', 'LABEL who=$WHO', 'FROM scratch', 'COPY no /'];
    const build = { target: 'one', platform: 'linux/s390x', args: { WHO: 'me "too"' } };
    await create(inputsOf('options', lines, { build }));
    const format = '{{.Architecture}} {{index .Config.Labels "who"}}';
    const name = `${registry.address}/team/app:options`;
    expect(docker('image', 'inspect', '--format', format, name)).toBe('s390x me "too"');
  });

  test('a failing Dockerfile is an error that names the image and shows the reason', async () => {
    const inputs = inputsOf('failing', ['FROM scratch', 'COPY absent /absent']);
    await expect(create(inputs)).rejects.toThrow(
      new RegExp(`building ${registry.address}/team/app:failing failed[^]*absent`),
    );
    expect(await digestInRegistry('failing')).toBeNull();
  });

  test('a registry that is not there is an error that names the image', async () => {
    const imageName = '127.0.0.1:1/team/app:unreachable';
    repositories.add('127.0.0.1:1/team/app');
    const inputs = inputsOf('unreachable', SIMPLE, { imageName });
    await expect(create(inputs)).rejects.toThrow(`pushing ${imageName} failed`);
  });

  test('the Docker configuration opens a registry that is closed without', async () => {
    const closed = await startRegistry({ dir: join(root, 'closed'), auth: true });
    try {
      const imageName = `${closed.address}/team/app:login`;
      repositories.add(`${closed.address}/team/app`);
      const inputs = inputsOf('login', SIMPLE, { imageName });
      await expect(create(inputs)).rejects.toThrow(`pushing ${imageName} failed`);
      const { username, password } = REGISTRY_ACCOUNT;
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      const config = { auths: { [closed.address]: { auth } } };
      writeFileSync(join(root, 'config.json'), JSON.stringify(config));
      vi.stubEnv('DOCKER_CONFIG', root);
      const outputs = await create(inputs);
      expect(outputs['repoDigest']).toMatch(/@sha256:/);
    } finally {
      vi.unstubAllEnvs();
      await closed.stop();
    }
  });
});
