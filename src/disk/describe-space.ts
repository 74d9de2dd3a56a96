import { MAKE_ROOM } from './disk-files.ts';
import { sum, type DockerSpace, type SpaceNeeded } from './space-needed.ts';

/**
 * The need in one line, and how bad it is: `error` when not even one disk after the other would fit. What Docker takes is
 * never an error: it may remove some of its build cache, and may have some of the layers.
 */
export function describeSpace(need: SpaceNeeded, folder: string) {
  const { disks, unknown, download, prepared, largest, free, docker, unseen } = need;
  const uncounted = unknown === 0 ? '' : ` (${unknown} of unknown size not counted)`;
  const parts = [
    `VM disks to build: ${disks}${uncounted}`,
    `they need about ${gigabytes(download)} of downloads and ${gigabytes(prepared)} of prepared disks at a time, and ${gigabytes(free)} are free in ${folder}`,
    ...docker.map(describeDocker),
  ];
  if (unseen > 0) parts.push(`what room Docker has for ${unseen} of them is not known here`);
  const needs = parts.join('; ');
  const here = download + prepared;
  const shared = sum(docker.filter(({ isShared }) => isShared).map(({ needed }) => needed));
  const isFullHere = here + shared > free;
  const isFullThere = docker.some((space) => !space.isShared && space.needed > space.free);
  if (!isFullHere && !isFullThere) return { severity: 'info', text: needs } as const;
  if (largest > free) {
    const problem = `NO_SPACE  ${needs}, but one of them alone needs at least ${gigabytes(largest)}`;
    return { severity: 'error', text: `${problem}; ${MAKE_ROOM}` } as const;
  }
  const remedies = here > free ? [MAKE_ROOM] : [];
  if (isFullThere || (isFullHere && shared > 0)) remedies.push(DOCKER_REMEDY);
  return {
    severity: 'warning',
    text: `${needs}: they may not fit; ${remedies.join('; ')}`,
  } as const;
}

const DOCKER_REMEDY =
  'remove what Docker no longer needs (docker system prune), or give that folder a larger file system';

function describeDocker({ folders, needed, free, isShared }: DockerSpace): string {
  const place = isShared ? 'on the same file system' : `where ${gigabytes(free)} are free`;
  return `Docker needs about ${gigabytes(needed)} for them in ${folders.join(' and ')}, ${place}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
