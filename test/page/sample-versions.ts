import { createHash } from 'node:crypto';
import { dayNumber, dayOf } from '../../src/page/days.ts';
import type {
  PageBranchName,
  PageDetails,
  PageImage,
  PagePlace,
  PageReason,
  PageVersion,
} from '../../src/page/page-data.ts';

/** The day that samples are of. */
export const DAY = '2026-12-01';

/** The day of the next clean-up. */
export const CLEAN_UP = '2026-12-03';

export const MAIN = { source: 'kubernetes-ci-images', branch: 'main' };

type Declared = NonNullable<PageImage['declared']>;

/** 64 hexadecimal digits that stand for a text. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The `age`-th version of an image, counted from the newest. */
export function versionOf(
  name: string,
  declared: Declared,
  age: number,
  neededBy: readonly PageBranchName[],
): PageVersion {
  const isDisk = declared.kind === 'vm-disk';
  const step = isDisk ? 40 : 14;
  const published = dayOf(dayNumber(DAY) - 4 - age * step - (name.length % 5));
  const releases = neededBy.filter(({ source }) => source !== MAIN.source);
  const release = age > 0 ? releases[age] : undefined;
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
    ...(age < 5 || release !== undefined
      ? { verdict: 'keep', reasons: reasonsOf(neededBy, release, age) }
      : forecastOf(published)),
    details: detailsOf(name, declared, age, published),
  };
}

/** Of a version that nothing keeps but its age. */
function forecastOf(published: string): Pick<PageVersion, 'verdict' | 'reasons' | 'goesAt'> {
  const goesAt = dayOf(dayNumber(published) + 90);
  return goesAt > DAY
    ? { verdict: 'keep', goesAt, reasons: [{ text: 'younger than 90d', since: published }] }
    : {
        verdict: 'delete',
        goesAt,
        reasons: [{ text: 'older than 90d, and nothing keeps it', since: goesAt }],
      };
}

function reasonsOf(
  neededBy: readonly PageBranchName[],
  release: PageBranchName | undefined,
  age: number,
): readonly PageReason[] {
  const need = (branch: PageBranchName): PageReason => ({
    text: 'needed by',
    branch,
    place:
      branch.source === MAIN.source
        ? placeOf(branch, 'config/images.yml', 31)
        : placeOf(branch, 'tests/files/packet_debian12-cilium.yml', 4),
  });
  const branches = age === 0 ? neededBy : release === undefined ? [] : [release];
  const newest = age < 5 ? [{ text: 'one of the newest 5' }] : [];
  const alias = age === 0 ? [{ text: 'alias latest' }] : [];
  return [...branches.map(need), ...alias, ...newest];
}

function detailsOf(
  name: string,
  { kind, distribution, version, platforms }: Declared,
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
    packages: Object.fromEntries(
      platforms.map((each) => [
        each,
        `${231 + name.length} (${kind === 'container' ? 'deb' : 'rpm'})`,
      ]),
    ),
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

export function placeOf(name: PageBranchName, file: string, line: number): PagePlace {
  return { file, line, url: `${addressOf(name)}/blob/${name.branch}/${file}#L${line}` };
}

export function addressOf({ source }: PageBranchName): string {
  return source === 'kubespray'
    ? 'https://github.com/kubernetes-sigs/kubespray'
    : 'https://github.com/kubernetes-ci-images/images';
}

export function tagOf(name: string, age: number): string {
  return sha256(`${name} ${age}`).slice(0, 32);
}

function digestOf(name: string, age: number): string {
  return `sha256:${sha256(`${name} digest ${age}`)}`;
}
