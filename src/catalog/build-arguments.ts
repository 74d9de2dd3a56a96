import type { ImageKind } from './image.ts';

/**
 * The build arguments that every build gets beside the declared ones, and the OCI labels that the
 * Dockerfile must set from them (docker.Image itself can set no labels).
 *
 * `BASE`, `VERSION`, `SNAPSHOT` and `SOURCE_DATE_EPOCH` follow from the build inputs. The others are the
 * provenance of the first publication, and never cause a rebuild. A VM disk has no base image and no
 * snapshot, and gets none of the five that depend on them.
 */
export const BUILD_ARGUMENTS = [
  'BASE',
  'VERSION',
  'SNAPSHOT',
  'SOURCE_DATE_EPOCH',
  'BASE_NAME',
  'BASE_DIGEST',
  'REVISION',
  'SOURCE',
  'CREATED',
] as const;

export type BuildArgument = (typeof BUILD_ARGUMENTS)[number];

/** Label → the build argument that carries its value (OCI image spec, "Pre-Defined Annotation Keys"). */
export const LABELS = {
  'org.opencontainers.image.version': 'VERSION',
  'org.opencontainers.image.revision': 'REVISION',
  'org.opencontainers.image.source': 'SOURCE',
  'org.opencontainers.image.created': 'CREATED',
  'org.opencontainers.image.base.name': 'BASE_NAME',
  'org.opencontainers.image.base.digest': 'BASE_DIGEST',
} as const satisfies Record<string, BuildArgument>;

/** The labels that an image of a kind must have. */
export function labelsOf(kind: ImageKind | undefined): Readonly<Record<string, BuildArgument>> {
  if (kind !== 'vm-disk') return LABELS;
  return Object.fromEntries(
    Object.entries(LABELS).filter(([, argument]) => !argument.startsWith('BASE')),
  );
}

/**
 * The build argument `SOURCE_DATE_EPOCH`: seconds from 1970 to the snapshot's midnight, in UTC. Tools
 * write it instead of the present time, so that their output can be made again
 * (https://reproducible-builds.org/specs/source-date-epoch/). `snapshot` is a date of the catalog.
 */
export function sourceDateEpoch(snapshot: string): string {
  return String(Date.parse(`${snapshot}T00:00:00Z`) / 1000);
}
