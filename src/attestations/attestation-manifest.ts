import type { Packages } from '../packages/package-list.ts';
import { toSpdx } from '../packages/spdx.ts';
import { artifactManifest, type Artifact } from '../registry/artifacts.ts';
import type { IndexMember } from '../registry/image-index.ts';
import type { Manifest } from '../registry/manifest.ts';
import type { Provenance } from './provenance.ts';
import {
  PREDICATE_ANNOTATION,
  PROVENANCE_TYPE,
  SPDX_TYPE,
  statement,
  STATEMENT_MEDIA_TYPE,
} from './statement.ts';

/** As BuildKit marks an attestation manifest (its exporter option `oci-artifact`). */
const ARTIFACT_TYPE = 'application/vnd.docker.attestation.manifest.v1+json';

/** The annotation of an attestation manifest without a package list: why it has none. */
export const PACKAGES_UNKNOWN = 'io.github.kubernetes-ci-images.packages-unknown';

/** What is attested of the image for one platform. */
export interface Attested {
  readonly packages: Packages;
  readonly provenance: Provenance;
}

/**
 * The attestation manifest of a member of an index, with its blobs. `name` is that of the repository, with its registry.
 * The same facts give the same bytes.
 */
export function attestationManifest(
  name: string,
  { descriptor }: IndexMember,
  { packages, provenance }: Attested,
): { readonly artifact: Artifact; readonly manifest: Manifest } {
  const subject = { name, digest: descriptor.digest };
  const layer = (predicateType: string, predicate: object) => ({
    mediaType: STATEMENT_MEDIA_TYPE,
    bytes: statement(subject, predicateType, predicate),
    annotations: { [PREDICATE_ANNOTATION]: predicateType },
  });
  const artifact: Artifact = {
    artifactType: ARTIFACT_TYPE,
    layers: [
      ...(packages.kind === 'known' ? [layer(SPDX_TYPE, toSpdx(packages.list))] : []),
      layer(PROVENANCE_TYPE, provenance),
    ],
    annotations: packages.kind === 'known' ? {} : { [PACKAGES_UNKNOWN]: packages.reason },
  };
  return { artifact, manifest: artifactManifest(artifact, descriptor) };
}
