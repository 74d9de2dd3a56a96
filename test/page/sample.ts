import { createHash } from 'node:crypto';
import { dayNumber, dayOf } from '../../src/page/days.ts';
import type {
  PageBranch,
  PageBranchName,
  PageData,
  PageDetails,
  PageImage,
  PageNeed,
  PageReason,
  PageVersion,
} from '../../src/page/page-data.ts';

/** The day that samples are of. */
const DAY = '2026-12-01';

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

const MAIN = { source: 'kubernetes-ci-images', branch: 'main' };
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
    cleanUp: { isDryRun: true, next: { day: '2026-12-03', versions: 31, bytes: 21_400_000_000 } },
    sizes: sizesOf(images),
    warnings: [
      'docker.io did not say whether opensuse/leap:16.0 has moved: too many requests, so its state may be stale base',
    ],
  };
}

/** 64 hexadecimal digits that stand for a text. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
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
  const count = declared.kind === 'container' ? 8 : 3 + (at % 3);
  const versions = Array.from({ length: count }, (_, age) =>
    versionOf(name, declared, age, neededBy),
  );
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
    versions: isMissing ? [] : isNew ? versions.slice(1) : versions,
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
      since: '2026-02-11',
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
    versions: [version],
  };
}

function needing(kind: string, at: number): readonly PageBranchName[] {
  if (kind === 'container') return [MAIN];
  const releases = KUBESPRAY.filter((_, release) => (at + release) % 4 !== 3);
  return at % 11 === 6 ? [MAIN] : [MAIN, ...releases];
}

/** The `age`-th version of an image, counted from the newest. */
function versionOf(
  name: string,
  declared: Declared['declared'],
  age: number,
  neededBy: readonly PageBranchName[],
): PageVersion {
  const isDisk = declared.kind === 'vm-disk';
  const step = isDisk ? 70 : 28;
  const published = dayOf(dayNumber(DAY) - 4 - age * step - (name.length % 5));
  const releases = neededBy.filter(({ source }) => source !== MAIN.source);
  const release = age > 0 ? releases[age] : undefined;
  const goesAt = dayOf(Math.max(dayNumber(published) + 90, dayNumber(DAY) + 2));
  const isGoing = age > 4 && release === undefined;
  return {
    digest: digestOf(name, age),
    tag: tagOf(name, age),
    aliases: [
      ...(age === 0 ? ['latest', ...(isDisk ? ['kubespray-master'] : [])] : []),
      ...(release === undefined ? [] : [`kubespray-${release.branch}`]),
    ],
    published,
    bytes: Math.round((isDisk ? 620e6 : 52e6) * (1 + name.length / 30 - age / 40)),
    platforms: declared.platforms.map((platform) => {
      return { platform, digest: digestOf(`${name} ${platform}`, age) };
    }),
    verdict: isGoing ? 'delete' : 'keep',
    ...(isGoing || (age > 2 && release === undefined) ? { goesAt } : {}),
    reasons: reasonsOf(neededBy, release, age, isGoing),
    details: detailsOf(name, declared, age, published),
  };
}

function reasonsOf(
  neededBy: readonly PageBranchName[],
  release: PageBranchName | undefined,
  age: number,
  isGoing: boolean,
): readonly PageReason[] {
  if (isGoing) return [{ text: 'older than 90d, and nothing keeps it' }];
  const need = (branch: PageBranchName): PageReason => ({
    text: 'needed by',
    branch,
    place:
      branch.source === MAIN.source
        ? placeOf(branch, 'config/images.yml', 31)
        : placeOf(branch, 'tests/files/packet_debian12-cilium.yml', 4),
    since: '2026-09-14',
  });
  const branches = age === 0 ? neededBy : release === undefined ? [] : [release];
  const newest = age < 5 ? [{ text: 'one of the newest 5' }] : [];
  const alias = age === 0 ? [{ text: 'alias latest' }] : [];
  return [...branches.map(need), ...alias, ...newest];
}

function detailsOf(
  name: string,
  { kind, distribution, version, platforms }: Declared['declared'],
  age: number,
  published: string,
): PageDetails {
  const file = `${distribution}-${version}-generic-amd64.qcow2`;
  const base = `docker.io/library/${distribution}:${version}`;
  const isUp = !(name === 'vm-debian-11' && age === 0);
  return {
    labels: {
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': sha256(published).slice(0, 40),
      'org.opencontainers.image.source': 'https://github.com/kubernetes-ci-images/images',
      'org.opencontainers.image.created': `${published}T02:14:09Z`,
      'io.github.kubernetes-ci-images.inputs': tagOf(name, age),
    },
    inputs:
      kind === 'container'
        ? {
            base: `${base}@sha256:${sha256(`${base} ${age}`)}`,
            dockerfile: 'config/contexts/apt/Dockerfile',
            context: sha256('context').slice(0, 32),
            platform: platforms.join(', '),
            snapshot: published.replace(/..$/, '01'),
          }
        : { checksum: `sha256:${sha256(`${file} ${age}`)}`, format: 'qcow2', enlargeBy: '8G' },
    changes: [
      kind === 'container'
        ? `base ${sha256(`${base} ${age + 1}`).slice(0, 12)} → ${sha256(`${base} ${age}`).slice(0, 12)}`
        : `checksum ${sha256(`${file} ${age + 1}`).slice(0, 12)} → ${sha256(`${file} ${age}`).slice(0, 12)}`,
      'openssl 3.0.17-1 → 3.0.18-1',
      'ca-certificates 20250419 → 20260214',
      'ebtables 2.0.11-5 removed',
    ].slice(0, 1 + (age % 4)),
    packages: Object.fromEntries(platforms.map((each) => [each, `${231 + name.length} packages`])),
    signature:
      age > 6
        ? { state: 'missing', text: 'published before signing was switched on' }
        : { state: 'ok', text: 'ci-images@kubernetes-ci.iam.gserviceaccount.com' },
    provenance: { state: 'ok', text: 'SLSA Build L1' },
    ...(age < 2
      ? {
          verification: {
            isUp,
            text: isUp ? 'systemd is running' : 'no login prompt within 300 s',
            day: published,
            console: consoleOf(name, isUp),
          },
        }
      : {}),
  };
}

function consoleOf(name: string, isUp: boolean): readonly string[] {
  const units = [
    'Network Time Synchronization',
    'OpenBSD Secure Shell server',
    'D-Bus',
    'Login Service',
  ];
  return [
    ...units.map(
      (unit, at) =>
        `[    ${at + 2}.${sha256(unit).replaceAll(/\D/g, '').slice(0, 6)}] systemd[1]: Started ${unit}.`,
    ),
    isUp ? `${name} login: ` : '[  300.000131] systemd[1]: dev-vda1.device: Job timed out.',
  ];
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

function placeOf(name: PageBranchName, file: string, line: number) {
  return { file, line, url: `${addressOf(name)}/blob/${name.branch}/${file}#L${line}` };
}

function addressOf({ source }: PageBranchName): string {
  return source === 'kubespray'
    ? 'https://github.com/kubernetes-sigs/kubespray'
    : 'https://github.com/kubernetes-ci-images/images';
}

function tagOf(name: string, age: number): string {
  return sha256(`${name} ${age}`).slice(0, 32);
}

function digestOf(name: string, age: number): string {
  return `sha256:${sha256(`${name} digest ${age}`)}`;
}

/** What each day brings, and what clean-ups take. */
function sizesOf(images: readonly PageImage[]): PageData['sizes'] {
  const changes = images.flatMap(({ versions }) =>
    versions.flatMap(({ published = '2026-01-01', goesAt, bytes }) => [
      { day: published, bytes },
      ...(goesAt === undefined ? [] : [{ day: goesAt, bytes: -bytes }]),
    ]),
  );
  const byDay = Map.groupBy(changes, ({ day }) => day);
  let bytes = 0;
  return [...byDay]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, all]) => {
      bytes += all.reduce((sum, change) => sum + change.bytes, 0);
      return { day, bytes };
    });
}
