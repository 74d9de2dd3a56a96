import type { HeldVersion } from './inventory.ts';

/** The path of a package's versions. */
export const VERSIONS =
  'v1/projects/{project}/locations/{location}/repositories/{repository}/packages/{package}/versions';

/** `<repository>/packages/<package>`, with the slashes of the package as `%2F`. */
export function packageName(repository: string, { packageName }: Pick<HeldVersion, 'packageName'>) {
  return `${repository}/packages/${encodeURIComponent(packageName)}`;
}

/** `<repository>/packages/<package>/versions/sha256:...`. */
export function versionName(
  repository: string,
  version: Pick<HeldVersion, 'packageName' | 'digest'>,
): string {
  return `${packageName(repository, version)}/versions/${version.digest}`;
}

/** `<repository>/dockerImages/<package>@sha256:...`. */
export function dockerImageName(
  repository: string,
  { packageName, digest }: Pick<HeldVersion, 'packageName' | 'digest'>,
): string {
  return `${repository}/dockerImages/${encodeURIComponent(packageName)}@${digest}`;
}
