import { DISK_FORMATS, PACKINGS, type DiskFormat, type Packing } from './image.ts';
import { percentDecoded } from '../url.ts';

/** Words for a build that is another one from time to time. */
const MOVING = ['current', 'latest'];

/**
 * Parts of paths that name the newest build without such a word: Ubuntu's `releases/noble/release/`, and
 * openSUSE's `appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2`, which its builds have a number behind.
 */
const MOVING_PATHS = [
  /\/releases\/[^/]+\/(release)\//,
  /\/appliances\/((?:(?!-Build\d)[^/])+\.qcow2(?:\.xz)?)$/,
];

/** The part of a URL's path that names another build from time to time, such as `current-10`; `undefined` without one. */
export function findMovingPart(url: string): string | undefined {
  const { pathname } = new URL(url);
  const inWords = pathname.split('/').find((part) => {
    const words = part.toLowerCase().split(/[^a-z]+/);
    return words.some((word) => MOVING.includes(word));
  });
  return inWords ?? MOVING_PATHS.map((path) => path.exec(pathname)?.[1]).find(Boolean);
}

/** Endings of files whose packing is not supported. */
const OTHER_PACKINGS = ['gz', 'bz2', 'zst', 'lzma', 'zip', 'tar', 'tgz', '7z', 'ova'];

/** Formats by endings of file names that are not the format's own; none where it may be any. */
const FORMAT_ENDINGS: Readonly<Record<string, DiskFormat | undefined>> = {
  vhd: 'vpc',
  img: undefined,
};

/** What the name of a file says of its content. */
interface DiskForm {
  /** The last ending, without its dot. */
  readonly ending: string;
  /** The ending that names the format: the one before `packing`. */
  readonly inner: string;
  readonly packing: Packing | undefined;
  /** Whether the file has a packing that is not supported. */
  readonly isOtherwisePacked: boolean;
  /** Absent where the name does not say. */
  readonly format: DiskFormat | undefined;
  /** Whether disks have such names. */
  readonly isKnown: boolean;
}

export function diskForm(url: string): DiskForm {
  const file = fileName(new URL(url)).toLowerCase();
  const [ending = '', before = ''] = file.split('.').reverse();
  const packing = PACKINGS.find((known) => known === ending);
  const inner = packing === undefined ? ending : before;
  const format = FORMAT_ENDINGS[inner] ?? DISK_FORMATS.find((known) => known === inner);
  return {
    ending,
    inner,
    packing,
    isOtherwisePacked: [ending, inner].some((each) => OTHER_PACKINGS.includes(each)),
    format,
    isKnown: format !== undefined || Object.hasOwn(FORMAT_ENDINGS, inner),
  };
}

/**
 * How distributions name one build, after the addresses that Kubespray's image builder has
 * (kubespray, test-infra/image-builder/roles/kubevirt-images/defaults/main.yml).
 */
const ONE_BUILD: Readonly<Record<string, string>> = {
  almalinux: 'repo.almalinux.org/almalinux/9.5/.../AlmaLinux-9-GenericCloud-9.5-20241120...',
  debian: 'cdimage.debian.org/cdimage/cloud/bookworm/20230612-1409/debian-12-generic-amd64-...',
  flatcar: 'stable.release.flatcar-linux.net/amd64-usr/4081.2.1/...',
  rockylinux:
    'download.rockylinux.org/pub/rocky/9.5/.../Rocky-9-GenericCloud-Base-9.5-20241118.0...',
  ubuntu: 'cloud-images.ubuntu.com/releases/noble/release-20260826/...',
};

/** What such an address looks like, for a remedy. */
export function urlOfOneBuild(distribution: string): string {
  const example = ONE_BUILD[distribution];
  return example === undefined ? 'by its date or its version' : `such as ${example}`;
}

/** Numbers that are no version. */
const ARCHITECTURES = /x86[_-]64|i[36]86|(?:amd|arm|aarch|ppc|riscv|loong|mips)64/g;

/**
 * Whether the path of a URL names a distribution's version, in any of the ways that are usual: `24.04`,
 * `24-04`, `24_04` or `2404`, by the release's name (`noble`), or with a point release behind it (`9` in
 * `/9.5/`).
 */
export function namesVersion(url: string, distribution: string, version: string): boolean {
  const { pathname } = new URL(url);
  // A percent sign that encodes nothing stands for itself.
  const decoded = percentDecoded(pathname) ?? pathname;
  const path = decoded.toLowerCase().replaceAll(ARCHITECTURES, ' ');
  const written = version.toLowerCase();
  const names = RELEASE_NAMES[distribution] ?? {};
  // Debian's point releases have the name of the release.
  const name = names[written] ?? names[written.split('.')[0] ?? ''];
  const forms = [written, ...['', '-', '_'].map((dot) => written.replaceAll('.', dot)), name];
  return forms.some((form) => form !== undefined && standsIn(path, form));
}

/** Whether it stands there as a number or a word of its own: `9` is in `rocky/9.5`, not in `1.9` or `39`. */
function standsIn(path: string, form: string): boolean {
  const before = /^[a-z]/.test(form) ? '(?<![a-z])' : '(?<![0-9.])';
  const after = /[a-z]$/.test(form) ? '(?![a-z])' : '(?![0-9])';
  return new RegExp(before + form.replaceAll(/[^a-z0-9]/g, '\\$&') + after).test(path);
}

/**
 * Whether two URLs can be taken for those of one file that has moved, to an archive or a mirror: its name
 * is the same, and so are all numbers on the way to it, which are versions and dates. Another host may
 * have more of them.
 */
export function isSameFile(before: string, after: string): boolean {
  const [old, now] = [new URL(before), new URL(after)];
  if (fileName(old) !== fileName(now)) return false;
  const [oldNumbers, newNumbers] = [numbers(old), numbers(now)];
  const isMore = oldNumbers.size < newNumbers.size;
  const areKept = [...oldNumbers].every((number) => newNumbers.has(number));
  return areKept && !(isMore && old.host === now.host);
}

function fileName({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}

function numbers({ pathname }: URL): ReadonlySet<string> {
  return new Set(pathname.match(/\d+/g));
}

/**
 * The names that distributions have for versions in the addresses of their images (Debian's package
 * distro-info-data, debian.csv and ubuntu.csv). Others have the number there.
 */
const RELEASE_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: {
    '10': 'buster',
    '11': 'bullseye',
    '12': 'bookworm',
    '13': 'trixie',
    '14': 'forky',
    '15': 'duke',
  },
  ubuntu: {
    '18.04': 'bionic',
    '20.04': 'focal',
    '22.04': 'jammy',
    '24.04': 'noble',
    '24.10': 'oracular',
    '25.04': 'plucky',
    '25.10': 'questing',
    '26.04': 'resolute',
    '26.10': 'stonking',
  },
};
