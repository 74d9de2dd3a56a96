import pulumi from '@pulumi/pulumi';
import { specialSecretSig, specialSigKey } from '@pulumi/pulumi/runtime/rpc.js';
import { afterEach, describe, expect, it } from 'vitest';
import { ALREADY_REPORTED } from '../../infra/engine/errors.ts';
import { done, failed, type Outcome } from '../../infra/engine/resources.ts';
import { BuildTimeouts } from '../../infra/components/build-timeouts.ts';
import type { OpenDisk } from '../../infra/components/disk-contexts.ts';
import { PublishedImage } from '../../infra/components/published-image.ts';
import { registryAccess } from '../../infra/components/registry-access.ts';
import type { PlannedImage } from '../../src/plan/plan-catalog.ts';
import {
  LOGIN,
  TOKEN,
  recordResources,
  valueOf,
  type RecordedResource,
  type Respond,
} from '../support/recording-mocks.ts';
import { somePlannedDisk, somePlannedImage } from '../support/some-planned-image.ts';

const TAG = '0123456789abcdef0123456789abcdef';
const REFERENCE = `registry.example/ci/debian-12:${TAG}`;
const FOUND = `sha256:${'f'.repeat(64)}`;
const BUILT = `sha256:${'b'.repeat(64)}`;

function publication(published: boolean): Respond {
  const created = '2026-11-24T10:00:00Z';
  return ({ inputs }) => ({
    id: 'publication#1',
    state: { ...inputs, published, digest: published ? FOUND : '', created, revision: 'first' },
  });
}

const NOT_YET = { 'oci:index:Publication': publication(false) };
const ALREADY = { 'oci:index:Publication': publication(true) };

const RESPOND: Record<string, Respond> = {
  'pulumi:providers:oci': () => ({ id: 'oci', state: {} }),
  'oci:index:Tag': ({ inputs }) => ({ id: 'tag', state: { ...inputs } }),
  'docker:index/image:Image': ({ inputs, id }) => ({
    id: id === '' ? String(inputs['imageName']) : id,
    state: { ...inputs, repoDigest: `registry.example/ci/debian-12@${BUILT}` },
  }),
};

afterEach(() => {
  // It would become that of the tests.
  process.exitCode = undefined;
});

interface Subject {
  readonly image: PlannedImage;
  readonly openDisk: OpenDisk;
  readonly preview: boolean;
  readonly verifyTimeout: number | undefined;
}

const noDisk: OpenDisk = () => Promise.reject(new Error('nobody expected a disk'));

/** Publishes one image under mocks and waits until all of it is registered. */
async function publish(
  respond: Record<string, Respond>,
  registryReady = true,
  {
    image = somePlannedImage(),
    openDisk = noDisk,
    preview = false,
    verifyTimeout,
  }: Partial<Subject> = {},
) {
  const recorded = await recordResources({ ...RESPOND, ...respond }, { calls: LOGIN, preview });
  const { oci, push } = await registryAccess(image.registry);
  const args = {
    image,
    push,
    destination: {
      repositoryName: pulumi.output('projects/p/locations/l/repositories/images'),
      outcome: pulumi.output<Outcome<string>>(registryReady ? done('there') : failed('403')),
    },
    provenance: {
      revision: 'now',
      pipeline: 'https://ci.example/7',
      source: 'https://git.example',
    },
    openDisk,
    buildTimeouts: new BuildTimeouts({ seconds: 3600 }),
    verifyTimeout,
  };
  const component = new PublishedImage(image.name, args, { providers: { oci } });
  return { output: await valueOf(component.output), recorded };
}

function only(recorded: readonly RecordedResource[], type: string): RecordedResource {
  const [one, ...more] = recorded.filter((resource) => resource.type === type);
  if (one === undefined || more.length > 0) throw new Error(`${more.length + 1} of ${type}`);
  return one;
}

/** The alias is registered, and stays where it is. */
function expectLeft({ inputs }: RecordedResource): void {
  expect(inputs).toMatchObject({ tag: 'latest' });
  expect(inputs).not.toHaveProperty('digest');
}

describe('an image that is not published yet', () => {
  it('is a docker.Image under its immutable tag', async () => {
    const { recorded } = await publish(NOT_YET);
    const { inputs, id, name } = only(recorded, 'docker:index/image:Image');
    expect(name).toBe('debian-12');
    expect(id).toBe('');
    expect(inputs).toMatchObject({
      imageName: REFERENCE,
      build: {
        context: 'config/contexts/apt',
        dockerfile: 'config/contexts/apt/Dockerfile',
        platform: 'linux/amd64',
        builderVersion: 'BuilderBuildKit',
      },
    });
  });

  it('is pushed as whoever runs the engine, by a token that the engine keeps secret', async () => {
    const { recorded } = await publish(NOT_YET);
    expect(only(recorded, 'docker:index/image:Image').inputs['registry']).toEqual({
      [specialSigKey]: specialSecretSig,
      value: { server: 'registry.example', username: 'oauth2accesstoken', password: TOKEN },
    });
  });

  it('is built with its base by digest and with the origin that was recorded first', async () => {
    const { recorded } = await publish(NOT_YET);
    const { inputs } = only(recorded, 'docker:index/image:Image');
    expect(inputs).toHaveProperty('build.args', {
      FLAVOUR: 'small',
      BASE: `docker.io/library/debian@sha256:${'a'.repeat(64)}`,
      VERSION: '12',
      SNAPSHOT: '2026-11-01',
      SOURCE_DATE_EPOCH: '1793491200', // 20 758 days × 86 400
      BASE_NAME: 'docker.io/library/debian:12-slim',
      BASE_DIGEST: `sha256:${'a'.repeat(64)}`,
      REVISION: 'first',
      SOURCE: 'https://git.example',
      CREATED: '2026-11-24T10:00:00Z',
    });
  });

  it('has latest on the digest that was pushed', async () => {
    const { recorded, output } = await publish(NOT_YET);
    expect(only(recorded, 'oci:index:Tag').inputs).toMatchObject({ tag: 'latest', digest: BUILT });
    expect(output).toEqual({
      reference: `registry.example/ci/debian-12@${BUILT}`,
      repository: 'ci/debian-12',
      digest: BUILT,
      tag: TAG,
      aliases: ['latest'],
    });
  });

  it('leaves latest where it is without a digest, and registered all the same', async () => {
    const { recorded, output } = await publish({
      ...NOT_YET,
      'docker:index/image:Image': () => ({ id: REFERENCE, state: { repoDigest: 'no digest' } }),
    });
    expectLeft(only(recorded, 'oci:index:Tag'));
    expect(output).toBeUndefined();
    expect(process.exitCode).toBe(ALREADY_REPORTED);
  });
});

describe('latest, where images are verified', () => {
  const verified = (respond: Respond) =>
    publish({ ...ALREADY, 'oci:index:Verification': respond }, true, { verifyTimeout: 60 });

  it('moves to the digest that has come up', async () => {
    const { recorded, output } = await verified(({ inputs }) => ({
      id: 'up',
      state: { ...inputs },
    }));
    expect(only(recorded, 'oci:index:Verification').inputs).toEqual({
      ...{ registry: 'registry.example', repository: 'ci/debian-12', digest: FOUND },
      ...{ kind: 'container', platform: 'linux/amd64', commands: [], timeout: 60 },
    });
    expect(only(recorded, 'oci:index:Tag').inputs).toMatchObject({ digest: FOUND });
    expect(output?.aliases).toEqual(['latest']);
  });

  it('stays where it is when the image does not come up', async () => {
    const { recorded, output } = await verified(() => {
      throw new Error('BOOT_TIMEOUT');
    });
    expectLeft(only(recorded, 'oci:index:Tag'));
    expect(output).toMatchObject({ digest: FOUND, aliases: [] });
  });
});

describe('while the registry is not what it is to be', () => {
  const resources = async (published: boolean) => {
    const { recorded, output } = await publish(published ? ALREADY : NOT_YET, false);
    const docker = recorded.filter(({ type }) => type === 'docker:index/image:Image');
    return { docker, output, latest: only(recorded, 'oci:index:Tag') };
  };

  it('nothing is built that could not be pushed, and latest is registered all the same', async () => {
    const { docker, output, latest } = await resources(false);
    expect(docker).toEqual([]);
    expect(output).toBeUndefined();
    expectLeft(latest);
  });

  it('an image that is published already stays in the outputs', async () => {
    const { docker, output } = await resources(true);
    expect(docker.map(({ id }) => id)).toEqual([REFERENCE]);
    expect(output?.digest).toBe(FOUND);
  });
});

describe('an image that is published already', () => {
  it('is read under its id, neither built nor pushed, and has latest on the digest that was found', async () => {
    const { recorded, output } = await publish(ALREADY);
    const { id, inputs } = only(recorded, 'docker:index/image:Image');
    expect(id).toBe(REFERENCE);
    expect(inputs).toEqual({
      imageName: REFERENCE,
      platform: 'linux/amd64',
      registryServer: 'registry.example',
      repoDigest: `registry.example/ci/debian-12@${FOUND}`,
    });
    expect(only(recorded, 'oci:index:Tag').inputs).toMatchObject({ tag: 'latest', digest: FOUND });
    expect(output?.reference).toBe(`registry.example/ci/debian-12@${FOUND}`);
  });
});

it('names resources after the image alone, never after tag, digest or position', async () => {
  const { recorded } = await publish(NOT_YET);
  expect(recorded.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    'docker:index/image:Image debian-12',
    'kubernetes-ci-images:index:PublishedImage debian-12',
    'oci:index:Publication debian-12',
    'oci:index:Tag debian-12-latest',
    'pulumi:providers:oci registry',
  ]);
});

describe('a VM disk that is not published yet', () => {
  const image = somePlannedDisk();

  it('is built from a folder with the prepared disk, which is released after the push', async () => {
    let released = 0;
    const openDisk: OpenDisk = (recipe) => {
      expect(recipe).toBe(image);
      const release = () => Promise.resolve(void (released += 1));
      return Promise.resolve({ folder: '/disks/one', release });
    };
    const { recorded, output } = await publish(NOT_YET, true, { image, openDisk });
    const { inputs } = only(recorded, 'docker:index/image:Image');
    expect(inputs).toMatchObject({
      build: {
        context: '/disks/one',
        dockerfile: 'config/contexts/vm-disk/Dockerfile',
        platform: 'linux/amd64',
        args: {
          VERSION: '12',
          REVISION: 'first',
          SOURCE: 'https://git.example',
          CREATED: '2026-11-24T10:00:00Z',
        },
      },
    });
    expect(Object.keys((inputs['build'] as { args: object }).args)).toHaveLength(4);
    expect(output?.digest).toBe(BUILT);
    expect(released).toBe(1);
  });

  it('is built from its context in a preview, which prepares nothing', async () => {
    const { recorded } = await publish(NOT_YET, true, { image, preview: true });
    expect(only(recorded, 'docker:index/image:Image').inputs).toHaveProperty(
      'build.context',
      'config/contexts/vm-disk',
    );
  });

  it('is not built when it can not be prepared, and latest stays where it is', async () => {
    const { recorded, output } = await publish(NOT_YET, true, { image });
    expect(recorded.map(({ type }) => type)).not.toContain('docker:index/image:Image');
    expectLeft(only(recorded, 'oci:index:Tag'));
    expect(output).toBeUndefined();
  });

  it('releases its disk when the push brings no digest', async () => {
    let released = 0;
    const release = () => Promise.resolve(void (released += 1));
    const openDisk: OpenDisk = () => Promise.resolve({ folder: '/disks/one', release });
    const pushed = { id: 'x', state: { repoDigest: 'no digest' } };
    await publish({ ...NOT_YET, 'docker:index/image:Image': () => pushed }, true, {
      image,
      openDisk,
    });
    expect(released).toBe(1);
  });
});

it('a VM disk that is published already is never prepared', async () => {
  const image = somePlannedDisk();
  const { output } = await publish(ALREADY, true, { image });
  expect(output?.digest).toBe(FOUND);
});
