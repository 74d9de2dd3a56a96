import { isAtLeast, parseVersion } from './programs.ts';

/** A Docker Engine, as it describes itself. */
export interface DescribedEngine {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  readonly version: string;
  /** `DriverStatus` of `docker info`, as JSON. */
  readonly driverStatus: string;
  /** The folder of its images and of what it builds them from, on its machine. */
  readonly root: string | undefined;
}

/** From 27.5 on, an engine with the containerd image store takes the context of docker.Image (pulumi-docker#967). */
const BUILDS_IN_CONTAINERD = [27, 5];

export function hasContainerdStore({
  driverStatus,
}: Pick<DescribedEngine, 'driverStatus'>): boolean {
  return driverStatus.includes('io.containerd.snapshotter');
}

/**
 * How often the folder of an engine has a file that it has built an image from by docker.Image, which sends an archive:
 * as that archive, unpacked, and as a layer. The containerd image store has the layer three times (measured with
 * 20.10.24 and 29.9.3, for a file that no compression makes smaller). All stay after the push.
 */
export function copiesOf(engine: DescribedEngine): number {
  return hasContainerdStore(engine) ? 5 : 3;
}

/** Why an engine refuses each build of docker.Image, and what to do; `undefined` where it is not known to do so. */
export function buildRefusal(engine: Omit<DescribedEngine, 'root'>) {
  const { host, version } = engine;
  const number = parseVersion(version);
  if (number === undefined || isAtLeast(number, BUILDS_IN_CONTAINERD)) return undefined;
  if (!hasContainerdStore(engine)) return undefined;
  return {
    problem: `the Docker Engine at ${host} is ${version} with the containerd image store, which refuses the builds`,
    remedy:
      'use Docker Engine 27.5 or newer, or switch that store off (features.containerd-snapshotter in daemon.json)',
  };
}
