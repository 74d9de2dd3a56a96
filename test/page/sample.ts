import type {
  PageBranch,
  PageBranchName,
  PageData,
  PageImage,
  PageNeed,
} from '../../src/page/page-data.ts';
import {
  addressOf,
  CLEAN_UP,
  DAY,
  MAIN,
  placeOf,
  sha256,
  tagOf,
  versionOf,
} from './sample-versions.ts';

const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  debian: ['11', '12', '13'],
  ubuntu: ['20.04', '22.04', '24.04', '26.04'],
  almalinux: ['8', '9', '10'],
  rockylinux: ['8', '9', '10'],
  fedora: ['42', '43', '44'],
  'amazon-linux': ['2023'],
  openeuler: ['24.03'],
  'opensuse-leap': ['15.6', '16.0'],
};

const DISKS: Readonly<Record<string, readonly string[]>> = {
  almalinux: ['8', '9'],
  centos: ['8'],
  debian: ['11', '12', '13'],
  fedora: ['37', '38', '39', '40', '41', '42', '43', '44'],
  'fedora-coreos': [''],
  flatcar: ['4081'],
  openeuler: ['22.03', '24.03'],
  'opensuse-leap': ['15', '15.6'],
  oracle: ['7'],
  rockylinux: ['8', '9', '10'],
  ubuntu: ['22.04', '24.04', '26.04'],
};

const KUBESPRAY = ['master', 'release-2.31', 'release-2.30', 'release-2.29'].map((branch) => ({
  source: 'kubespray',
  branch,
}));

/** Images as the catalog of this project has them, with what may become of them in a year. */
export function samplePage(): PageData {
  const declared = [...declaredOf('container', CONTAINERS), ...declaredOf('vm-disk', DISKS)];
  const images = [...declared.map(imageOf), goneImage()];
  return {
    day: DAY,
    registry: 'europe-docker.pkg.dev/kubernetes-ci/ci-images',
    images,
    branches: [MAIN, ...KUBESPRAY].map((name) => branchOf(name, images)),
    cleanUp: { isDryRun: true, next: nextCleanUp(images) },
    sizes: sizesOf(images),
    warnings: [
      'docker.io did not say whether opensuse/leap:16.0 has moved: too many requests, so its state may be stale base',
    ],
  };
}

interface Declared {
  readonly name: string;
  readonly at: number;
  readonly declared: NonNullable<PageImage['declared']>;
}

function declaredOf(
  kind: 'container' | 'vm-disk',
  distributions: Readonly<Record<string, readonly string[]>>,
): readonly Declared[] {
  const all = Object.entries(distributions).flatMap(([distribution, versions]) =>
    versions.map((version) => ({ distribution, version })),
  );
  return all.map(({ distribution, version }, at) => {
    const plain = version === '' ? distribution : `${distribution}-${version}`;
    const name =
      kind === 'container' ? plain : `vm-${distribution}-${version}`.replaceAll(/\.|-$/g, '');
    const isForArm = kind === 'container' && ['debian', 'ubuntu'].includes(distribution);
    const line = (kind === 'container' ? 25 : 108) + 3 * at;
    return {
      name,
      at,
      declared: {
        kind,
        distribution,
        version,
        platforms: isForArm ? ['linux/amd64', 'linux/arm64'] : ['linux/amd64'],
        place: placeOf(MAIN, 'config/images.yml', line),
        tag: tagOf(name, 0),
      },
    };
  });
}

function imageOf({ name, at, declared }: Declared): PageImage {
  const neededBy = needing(declared.kind, at);
  const isMissing = name === 'vm-opensuse-leap-15';
  const isNew = name === 'fedora-44';
  const count = declared.kind === 'container' ? 10 : 5 + (at % 5);
  const versions = Array.from({ length: count }, (_, age) =>
    versionOf(name, declared, age, neededBy),
  );
  const held = isMissing ? [] : isNew ? versions.slice(1) : versions;
  const isEndangered = name === 'vm-debian-11' || name === 'vm-ubuntu-2204';
  const isStale = at % 9 === 4;
  return {
    name,
    declared,
    states: [
      ...(isMissing || isNew ? (['missing'] as const) : []),
      ...(isEndangered ? (['endangered'] as const) : []),
      ...(isStale ? (['stale base'] as const) : []),
      ...(isMissing || isNew || isEndangered || isStale ? [] : (['published'] as const)),
    ],
    neededBy,
    bytes: sumOf(held),
    versions: held,
  };
}

/** Made by hand, and in the registry alone. */
function goneImage(): PageImage {
  const name = 'vm-kubespray-ci';
  const reasons = [
    {
      text: 'needed by',
      branch: { source: 'kubespray', branch: 'release-2.29' },
      place: placeOf({ source: 'kubespray', branch: 'release-2.29' }, '.gitlab-ci/packet.yml', 12),
    },
  ];
  const version = {
    digest: `sha256:${sha256(name)}`,
    aliases: ['v11', 'kubespray-release-2.29'],
    published: '2026-01-20',
    bytes: 1_210_000_000,
    platforms: [{ platform: 'linux/amd64', digest: `sha256:${sha256(`${name} amd64`)}` }],
    verdict: 'keep' as const,
    reasons,
  };
  return {
    name,
    states: ['published'],
    neededBy: [{ source: 'kubespray', branch: 'release-2.29' }],
    bytes: version.bytes,
    versions: [version],
  };
}

function needing(kind: string, at: number): readonly PageBranchName[] {
  if (kind === 'container') return [MAIN];
  const releases = KUBESPRAY.filter((_, release) => (at + release) % 4 !== 3);
  return at % 11 === 6 ? [MAIN] : [MAIN, ...releases];
}

function branchOf(name: PageBranchName, images: readonly PageImage[]): PageBranch {
  const isNeeding = (image: PageImage) =>
    image.neededBy.some(({ source, branch }) => source === name.source && branch === name.branch);
  const needs = images.filter(isNeeding).map((image): PageNeed => {
    const alias = name.source === 'kubespray' ? `kubespray-${name.branch}` : 'latest';
    const gets = image.versions.find(({ aliases }) => aliases.includes(alias)) ?? image.versions[0];
    const isEndangered = image.states.includes('endangered') && name.branch === 'release-2.29';
    return {
      image: image.name,
      wanted: name.source === MAIN.source ? (image.declared?.tag ?? 'latest') : alias,
      places:
        name.source === MAIN.source && image.declared !== undefined
          ? [image.declared.place]
          : [4, 9].map((line) =>
              placeOf(name, `tests/files/packet_${image.name.slice(3)}.yml`, line),
            ),
      ...(gets === undefined ? {} : { gets: gets.digest }),
      state:
        gets === undefined
          ? 'missing'
          : image.states.includes('missing')
            ? 'not yet published'
            : isEndangered
              ? 'endangered'
              : 'there',
    };
  });
  return { ...name, url: `${addressOf(name)}/tree/${name.branch}`, needs };
}

function nextCleanUp(images: readonly PageImage[]) {
  const going = images
    .flatMap(({ versions }) => versions)
    .filter(({ verdict }) => verdict === 'delete');
  return { day: CLEAN_UP, versions: going.length, bytes: sumOf(going) };
}

function sumOf(sizes: readonly { readonly bytes: number }[]): number {
  return sizes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What each day brings, and what clean-ups take. */
function sizesOf(images: readonly PageImage[]): PageData['sizes'] {
  const changes = images.flatMap(({ versions }) =>
    versions.flatMap(({ published = '2026-01-01', goesAt, bytes }) => [
      { day: published, bytes },
      ...(goesAt === undefined
        ? []
        : [{ day: goesAt < CLEAN_UP ? CLEAN_UP : goesAt, bytes: -bytes }]),
    ]),
  );
  const byDay = Map.groupBy(changes, ({ day }) => day);
  let bytes = 0;
  return [...byDay]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, all]) => {
      bytes += sumOf(all);
      return { day, bytes };
    });
}
