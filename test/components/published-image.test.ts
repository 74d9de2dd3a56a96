import { Provider } from '@pulumi/docker/provider.js';
import pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ALREADY_REPORTED } from '../../infra/engine/errors.ts';
import { done, failed, type Outcome } from '../../infra/engine/resources.ts';
import { buildTimeouts } from '../../infra/components/build-timeouts.ts';
import { composeProvenance } from '../../src/attestations/compose-provenance.ts';
import { anyEngine, type Builders, type Place } from '../../infra/components/builders.ts';
import type { OpenDisk } from '../../infra/components/disk-contexts.ts';
import { diskRecipe } from '../../src/catalog/image.ts';
import { PublishedImage } from '../../infra/components/published-image.ts';
import { registryAccess } from '../../infra/components/registry-access.ts';
import { sourceTagOf, type PlannedImage } from '../../src/plan/plan-stack.ts';
import {
  echo,
  failing,
  LOGIN,
  TOKEN,
  recordResources,
  registered,
  valueOf,
  type Respond,
} from '../support/recording-mocks.ts';
import {
  someBuild,
  somePlannedCopy,
  somePlannedDisk,
  somePlannedImage,
} from '../support/some-planned-image.ts';
import { known } from '../support/fixtures.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const TAG = '0123456789abcdef0123456789abcdef';
const REFERENCE = `registry.example/ci/debian-12:${TAG}-linux-amd64`;
const FOUND = `sha256:${'f'.repeat(64)}`;
const BUILT = `sha256:${'b'.repeat(64)}`;
const INDEX = `sha256:${'d'.repeat(64)}`;

const IMAGE = 'docker:index/image:Image';
const ALIAS = 'oci:index:Tag';
const VERIFICATION = 'oci:index:Verification';

/** A copy of the Dockerfile with the label of its build inputs. */
const LABELLED: unknown = expect.stringMatching(/\/dockerfiles\/\w+\/Dockerfile$/);

/** Of the origin that was recorded first. */
const PIPELINE = 'https://ci.example/7';
const ORIGIN = {
  REVISION: 'first',
  SOURCE: 'https://git.example',
  CREATED: '2026-11-24T10:00:00Z',
};

const NO_DIGEST: Respond = () => ({ id: REFERENCE, state: { repoDigest: 'no digest' } });

let cache: string;

beforeEach(() => {
  cache = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', cache);
});

afterEach(() => {
  // It would become that of the tests.
  process.exitCode = undefined;
});

interface Subject {
  readonly image: PlannedImage;
  /** Whether the registry has the tag already. */
  readonly published: boolean;
  readonly registry: Outcome<string>;
  readonly openDisk: OpenDisk;
  readonly preview: boolean;
  readonly verifyTimeout: number | undefined;
  readonly refusal: string | undefined;
  readonly missingGrant: string | undefined;
  readonly builders: Builders;
  readonly respond: Readonly<Record<string, Respond>>;
}

/** Publishes one image under mocks and waits until all of it is registered. */
async function publish({
  image = somePlannedImage(),
  published = false,
  registry = done('there'),
  openDisk = () => Promise.reject(new Error('nobody expected a disk')),
  preview = false,
  verifyTimeout,
  refusal,
  missingGrant,
  builders,
  respond,
}: Partial<Subject> = {}) {
  const digest = published ? FOUND : '';
  const responses: Readonly<Record<string, Respond>> = {
    ...echo('pulumi:providers:oci'),
    [ALIAS]: ({ inputs }) => {
      const { index, follows, digest = follows === true ? INDEX : '' } = inputs;
      return { id: 'latest', state: { ...inputs, digest, published: index ? INDEX : '' } };
    },
    'oci:index:Publication': ({ inputs }) => ({
      id: 'publication#1',
      state: { ...inputs, published, digest, created: ORIGIN.CREATED, revision: ORIGIN.REVISION },
    }),
    [IMAGE]: ({ inputs, id }) => ({
      id: id === '' ? String(inputs['imageName']) : id,
      state: { ...inputs, repoDigest: `registry.example/ci/debian-12@${BUILT}` },
    }),
    ...respond,
  };
  const recorded = await recordResources(responses, { calls: LOGIN, preview });
  const oci = await registryAccess({ ...image, destination: { kind: 'managed' } });
  const args = {
    image,
    sourceTag: sourceTagOf(image, []),
    destination: {
      resourceId: pulumi.output('projects/p/locations/l/repositories/images'),
      outcome: pulumi.output(registry),
    },
    provenance: { revision: 'now', pipeline: PIPELINE, source: ORIGIN.SOURCE },
    openDisk,
    buildTimeouts: buildTimeouts({ seconds: 3600 }),
    builders:
      builders ??
      anyEngine({
        findRefusal: () => Promise.resolve(refusal),
        findMissingGrant: ({ name }) => Promise.resolve(missingGrant && `${missingGrant} ${name}`),
        findRoot: () => Promise.resolve(undefined),
      }),
    verifyTimeout,
  };
  const component = new PublishedImage(image.name, args, { providers: { oci } });
  const output = await valueOf(component.output);
  const disksToBuild = await valueOf(component.disksToBuild);
  await valueOf(component.settled.apply(() => true));
  const { all, only, names } = registered(recorded);
  const tags = all(ALIAS);
  const latest = known(tags.find(({ inputs }) => inputs['tag'] === 'latest')).inputs;
  const aliases = tags.map((alias) => [alias.name, alias.inputs['tag'], alias.inputs['digest']]);
  return { output, disksToBuild, images: all(IMAGE), only, names, latest, aliases };
}

/** The alias is registered, and stays where it is. */
function expectLeft(latest: object): void {
  expect(latest).toMatchObject({ tag: 'latest' });
  expect(latest).not.toHaveProperty('digest');
}

describe('an image that is not published yet', () => {
  it('is a docker.Image under its immutable tag, with its base by digest', async () => {
    const { inputs, id, name } = (await publish()).only(IMAGE);
    expect(name).toBe('debian-12');
    expect(id).toBe('');
    expect(inputs).toMatchObject({
      imageName: REFERENCE,
      build: {
        context: 'config/contexts/apt',
        dockerfile: LABELLED,
        platform: 'linux/amd64',
        builderVersion: 'BuilderBuildKit',
      },
    });
    expect(inputs).toHaveProperty('build.args', {
      FLAVOUR: 'small',
      BASE: `docker.io/library/debian@sha256:${'a'.repeat(64)}`,
      VERSION: '12',
      SNAPSHOT: '2026-11-01',
      SOURCE_DATE_EPOCH: '1793491200', // 20 758 days × 86 400
      BASE_NAME: 'docker.io/library/debian:12-slim',
      BASE_DIGEST: `sha256:${'a'.repeat(64)}`,
      ...ORIGIN,
    });
  });

  it('has no login, which would be in the state', async () => {
    const { inputs } = (await publish()).only(IMAGE);
    expect(Object.keys(inputs).sort()).toEqual([
      'build',
      'buildOnPreview',
      'imageName',
      'skipPush',
    ]);
    expect(JSON.stringify(inputs)).not.toContain(TOKEN);
  });

  it('is published as an index with latest on it, and names that come from the image alone', async () => {
    const { latest, output, names } = await publish();
    expect(latest).toEqual({
      registry: 'registry.example',
      repository: 'ci/debian-12',
      tag: 'latest',
      index: {
        tag: TAG,
        members: { 'linux/amd64': BUILT },
        annotations: {
          'org.opencontainers.image.title': 'debian-12',
          'org.opencontainers.image.version': '12',
          'org.opencontainers.image.revision': ORIGIN.REVISION,
          'org.opencontainers.image.source': ORIGIN.SOURCE,
          'org.opencontainers.image.created': ORIGIN.CREATED,
          'io.github.kubernetes-ci-images.inputs': TAG,
        },
        attestations: {
          'linux/amd64': {
            kind: 'container',
            provenance: composeProvenance(somePlannedImage(), someBuild('linux/amd64', TAG), {
              ...{ revision: ORIGIN.REVISION, source: ORIGIN.SOURCE, created: ORIGIN.CREATED },
              ...{ pipeline: PIPELINE, isEarlier: false },
            }),
          },
        },
      },
      follows: true,
    });
    expect(output).toEqual({
      reference: `registry.example/ci/debian-12@${INDEX}`,
      repository: 'ci/debian-12',
      digest: INDEX,
      tag: TAG,
      aliases: ['latest'],
    });
    expect(names).toEqual([
      `${IMAGE} debian-12`,
      'kubernetes-ci-images:index:PublishedImage debian-12',
      'oci:index:Publication debian-12',
      `${ALIAS} debian-12-latest`,
      'pulumi:providers:oci registry',
    ]);
  });

  it.each([false, true])(
    'costs a resource for each platform and three others (published: %s)',
    async (published) => {
      const builds = [someBuild('linux/amd64', TAG), someBuild('linux/arm64', TAG)];
      const { names } = await publish({ image: somePlannedImage({ builds }), published });
      expect(names).toEqual([
        `${IMAGE} debian-12:linux/amd64`,
        `${IMAGE} debian-12:linux/arm64`,
        'kubernetes-ci-images:index:PublishedImage debian-12',
        'oci:index:Publication debian-12',
        `${ALIAS} debian-12-latest`,
        'pulumi:providers:oci registry',
      ]);
    },
  );

  it('leaves latest where it is without a digest, and registered all the same', async () => {
    const { latest, output } = await publish({ respond: { [IMAGE]: NO_DIGEST } });
    expectLeft(latest);
    expect(output).toBeUndefined();
    expect(process.exitCode).toBe(ALREADY_REPORTED);
  });

  it('is named, with where it belongs and what to do, when Docker fails', async () => {
    // A docker plug-in says as little as "unexpected EOF".
    const error = vi.spyOn(pulumi.log, 'error');
    const { latest } = await publish({ respond: failing(IMAGE) });
    expectLeft(latest);
    expect(error.mock.calls.map(([message]) => message)).toEqual([
      `debian-12 is not published: ${REFERENCE} could not be built and pushed; ` +
        'correct what Docker says of it, and run this again',
    ]);
  });

  it('is not built while the registry is not up, and latest is registered all the same', async () => {
    const { images, output, latest } = await publish({ registry: failed('403') });
    expect(images).toEqual([]);
    expect(output).toBeUndefined();
    expectLeft(latest);
  });

  it.each([somePlannedImage(), somePlannedDisk()])(
    'is not built where the Docker Engine refuses builds, and latest is registered: $kind',
    async (image) => {
      const { images, output, latest } = await publish({ image, refusal: 'too old' });
      expect(images).toEqual([]);
      expect(output).toBeUndefined();
      expectLeft(latest);
      expect(process.exitCode).toBe(ALREADY_REPORTED);
    },
  );
});

it('an image whose push failed has what to grant in its report', async () => {
  const log = vi.spyOn(pulumi.log, 'error').mockResolvedValue();
  onTestFinished(() => {
    log.mockRestore();
  });
  await publish({ respond: failing(IMAGE), missingGrant: 'grant reading, for' });
  const [[report] = []] = log.mock.calls;
  expect(report).toMatch(/^debian-12 is not published: .*; grant reading, for registry\.example/);
  expect(report).toContain(REFERENCE);
});

describe('with builders', () => {
  /** A builder that has one place; the providers are made under the mocks. */
  function someBuilders() {
    const providers = new Map<string, Provider>();
    const providerOf = (name: string) => {
      const provider = providers.get(name) ?? new Provider(name);
      providers.set(name, provider);
      return provider;
    };
    const leave = vi.fn();
    const explain = vi.fn<Place['explain']>(() => Promise.resolve('it failed on big'));
    const enter = vi.fn<Builders['enter']>(() =>
      Promise.resolve({ provider: () => providerOf('builder-big'), leave, explain }),
    );
    const builders: Builders = {
      get published() {
        return providerOf('published-images');
      },
      enter,
      addressFor: () => ({ host: 'tcp://127.0.0.1:2375', certPath: undefined }),
      share: () => Promise.resolve([]),
    };
    return { builders, enter, leave, explain };
  }

  const respond = echo('pulumi:providers:docker');

  it('an image is built by its own, whose place is left; nothing else depends on that one', async () => {
    const { builders, enter, leave, explain } = someBuilders();
    const { only, latest } = await publish({ builders, respond });
    expect(latest).toMatchObject({
      index: { attestations: { 'linux/amd64': { engine: { host: 'tcp://127.0.0.1:2375' } } } },
    });
    expect(enter.mock.calls).toEqual([['debian-12', 'linux/amd64']]);
    expect(only(IMAGE).options.provider).toBe('pulumi:providers:docker builder-big');
    expect(only(ALIAS).options.dependencies.join()).not.toContain('builder-big');
    expect(leave).toHaveBeenCalled();
    expect(explain).not.toHaveBeenCalled();
  });

  it('an image that is published is read by the one that connects to none', async () => {
    const { builders, enter } = someBuilders();
    const { only } = await publish({ builders, published: true, respond });
    expect(only(IMAGE).options.provider).toBe('pulumi:providers:docker published-images');
    expect(enter).not.toHaveBeenCalled();
  });

  it('a build that fails leaves its place, and says where it failed', async () => {
    const { builders, leave, explain } = someBuilders();
    const { output, latest } = await publish({
      builders,
      respond: { ...respond, ...failing(IMAGE) },
    });
    expect(output).toBeUndefined();
    expectLeft(latest);
    expect(leave).toHaveBeenCalled();
    expect(explain).toHaveBeenCalledExactlyOnceWith({
      registry: 'registry.example',
      name: REFERENCE,
    });
  });

  it('a builder that is down fails its image', async () => {
    const { builders, enter } = someBuilders();
    enter.mockRejectedValue(new Error('builder big is down'));
    const { output, latest, images } = await publish({ builders, respond });
    expect([output, images]).toEqual([undefined, []]);
    expectLeft(latest);
    expect(process.exitCode).toBe(ALREADY_REPORTED);
  });
});

it('an image that is published needs no Docker Engine that builds', async () => {
  const { output } = await publish({ published: true, refusal: 'too old' });
  expect(output).toMatchObject({ digest: FOUND, aliases: ['latest'] });
});

it.each<[string, PlannedImage, Outcome<string>]>([
  ['', somePlannedImage(), done('there')],
  [', also while the registry is not up', somePlannedImage(), failed('403')],
  [', and no disk is prepared', somePlannedDisk(), done('there')],
])('an image that is published already is read under its id%s', async (_, image, registry) => {
  const { only, latest, output } = await publish({ image, published: true, registry });
  const { id, inputs } = only(IMAGE);
  const place = `registry.example/${image.repository}`;
  expect(id).toBe(`${place}:${TAG}`);
  expect(inputs).toEqual({
    imageName: `${place}:${TAG}`,
    platform: 'linux/amd64',
    registryServer: 'registry.example',
    repoDigest: `${place}@${FOUND}`,
  });
  expect(latest).toMatchObject({ tag: 'latest', digest: FOUND });
  expect(output?.reference).toBe(`${place}@${FOUND}`);
});

describe('an image that was built elsewhere', () => {
  const image = somePlannedCopy();
  const members = { 'linux/amd64': FOUND };
  const attested = { 'linux/amd64': [BUILT] };
  const copied: Respond = ({ inputs }) => ({
    id: 'publication#1',
    state: { ...inputs, published: false, digest: '', members, attested, created: ORIGIN.CREATED },
  });

  it('is no docker.Image: the lookup gets its source, and the index what was copied', async () => {
    const respond = { 'oci:index:Publication': copied };
    const { images, only, latest, output } = await publish({ image, respond });
    expect(images).toEqual([]);
    expect(only('oci:index:Publication').inputs).toMatchObject({
      from: `quay.io/kubespray/vm-kubespray-ci:v13@sha256:${'a'.repeat(64)}`,
      platforms: { 'linux/amd64': `${TAG}-linux-amd64` },
    });
    expect(latest).toMatchObject({ index: { tag: TAG, members, attested }, follows: true });
    expect(latest).toHaveProperty('index.attestations', {
      'linux/amd64': {
        kind: 'vm-disk',
        provenance: expect.objectContaining({
          buildDefinition: expect.objectContaining({
            buildType: expect.stringContaining('/copy/') as unknown,
          }) as unknown,
        }) as unknown,
      },
    });
    expect(output).toMatchObject({ digest: INDEX, tag: TAG, aliases: ['latest', 'v13'] });
  });

  it('is adopted like any other, and has the tag of its source', async () => {
    const { images, aliases } = await publish({ image, published: true });
    expect(images).toEqual([]);
    expect(aliases).toEqual([
      ['vm-kubespray-ci-latest', 'latest', FOUND],
      ['vm-kubespray-ci-source-tag', 'v13', FOUND],
    ]);
  });

  it('has no second tag where its source has none', async () => {
    const from = { ...image.from, tag: undefined };
    const { aliases } = await publish({ image: { ...image, from }, published: true });
    expect(aliases).toEqual([['vm-kubespray-ci-latest', 'latest', FOUND]]);
  });

  it.each(['vm-disk', 'container'] as const)(
    'is verified as the %s that it holds',
    async (holds) => {
      const respond = { 'oci:index:Publication': copied, ...echo(VERIFICATION) };
      const held = { ...image, holds, verify: ['true'] };
      const { only } = await publish({ image: held, verifyTimeout: 60, respond });
      const commands = holds === 'container' ? ['true'] : [];
      expect(only(VERIFICATION).inputs).toMatchObject({ kind: holds, digest: FOUND, commands });
    },
  );

  it('leaves latest where it is when it can not be copied', async () => {
    const { output, latest } = await publish({ image, respond: failing('oci:index:Publication') });
    expect(output).toBeUndefined();
    expectLeft(latest);
    expect(process.exitCode).toBe(ALREADY_REPORTED);
  });
});

describe('latest, where images are verified', () => {
  const verified = (respond: Readonly<Record<string, Respond>>) =>
    publish({ published: true, verifyTimeout: 60, respond });

  it('moves to the digest that has come up', async () => {
    const { only, latest, output } = await verified(echo(VERIFICATION));
    expect(only(VERIFICATION).inputs).toEqual({
      registry: 'registry.example',
      repository: 'ci/debian-12',
      digest: FOUND,
      kind: 'container',
      platform: 'linux/amd64',
      commands: [],
      timeout: 60,
    });
    expect(latest).toMatchObject({ digest: FOUND });
    expect(output?.aliases).toEqual(['latest']);
  });

  it('moves to what came up in a privileged container only where the catalog says so', async () => {
    const privileged = { ...somePlannedImage(), verifyPrivileged: true };
    const respond = echo(VERIFICATION);
    const { only } = await publish({
      image: privileged,
      published: true,
      verifyTimeout: 60,
      respond,
    });
    expect(only(VERIFICATION).inputs).toMatchObject({ privileged: true });
  });

  it('stays where it is when the image does not come up', async () => {
    const { latest, output } = await verified(failing(VERIFICATION));
    expectLeft(latest);
    expect(output).toMatchObject({ digest: FOUND, aliases: [] });
  });
});

it.each<[string, Partial<Subject>, boolean]>([
  ['that is not published is', {}, true],
  ['that is not published is, in a preview too,', { preview: true }, true],
  ['that is published is not', { published: true }, false],
  ['whose lookup fails is not', { respond: failing('oci:index:Publication') }, false],
])('the need of a VM disk %s counted', async (_, subject, isCounted) => {
  const image = somePlannedDisk();
  const { disksToBuild } = await publish({ image, ...subject });
  const platform = 'linux/amd64';
  const disk = { name: image.name, platform, recipe: diskRecipe(image, platform) };
  expect(disksToBuild).toEqual(isCounted ? [disk] : []);
});

describe('a VM disk that is not published yet', () => {
  const image = somePlannedDisk();

  it.each<[string, Readonly<Record<string, Respond>>, string | undefined]>([
    ['', {}, INDEX],
    [', also when the push brings no digest', { [IMAGE]: NO_DIGEST }, undefined],
  ])(
    'is built from a prepared disk, which is released after the push%s',
    async (_, respond, digest) => {
      let released = 0;
      const openDisk: OpenDisk = (recipe) => {
        expect(recipe).toEqual(diskRecipe(image, 'linux/amd64'));
        const release = () => Promise.resolve(void (released += 1));
        return Promise.resolve({ folder: '/disks/one', release });
      };
      const { only, output } = await publish({ image, openDisk, respond });
      expect(only(IMAGE).inputs['build']).toEqual({
        context: '/disks/one',
        dockerfile: LABELLED,
        platform: 'linux/amd64',
        builderVersion: 'BuilderBuildKit',
        args: { VERSION: '12', ...ORIGIN },
      });
      expect(output?.digest).toBe(digest);
      expect(released).toBe(1);
    },
  );

  it('is built from its context in a preview, which prepares nothing', async () => {
    const { only } = await publish({ image, preview: true });
    expect(only(IMAGE).inputs).toHaveProperty('build.context', 'config/contexts/vm-disk');
  });

  it('is not built when it can not be prepared, and latest stays where it is', async () => {
    const { images, latest, output } = await publish({ image });
    expect(images).toEqual([]);
    expectLeft(latest);
    expect(output).toBeUndefined();
  });
});
