import pLimit from 'p-limit';
import { attestationManifest } from '../../src/attestations/attestation-manifest.ts';
import { finish } from '../../src/attestations/compose-provenance.ts';
import { Provenance } from '../../src/attestations/provenance.ts';
import { CONTENTS, DEFAULT_PLATFORM } from '../../src/catalog/image.ts';
import {
  formatImageReference,
  type Digest,
  type Registry,
  type Repository,
} from '../../src/image-reference.ts';
import { unknown, type Packages } from '../../src/packages/package-list.ts';
import { pushArtifact } from '../../src/registry/artifacts.ts';
import type { IndexAttestation, IndexMember } from '../../src/registry/image-index.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import type { listContainer } from '../../src/verify/list-container.ts';
import { object, parsed, readOptional, readProperty, text } from './protocol/read-property.ts';
import type { Call, Properties } from './protocol/resource-type.ts';

/** What attestations take from the world. */
interface AttestWorld {
  readonly listContainer: typeof listContainer;
  /** The list that the boot of a VM disk has left. */
  readonly keptList: (digest: Digest) => Promise<Packages | undefined>;
  readonly now: () => Date;
}

interface Place {
  readonly client: Pick<RegistryClient, 'putBlob' | 'putReferrer'>;
  readonly registry: Registry;
  readonly repository: Repository;
}

/** Writes the attestations of images that an index is about to join, by platform. Throws a RegistryError. */
export type Attest = (
  place: Place,
  members: readonly IndexMember[],
  attestations: Readonly<Record<string, Properties>>,
  call: Pick<Call, 'log' | 'signal'>,
) => Promise<readonly IndexAttestation[]>;

/** A container has two gigabytes at most. */
const AT_ONCE = 3;

/**
 * A package list that can't be had fails no publication: the output and the attestation say why. An attestation that
 * can't be written does, and the next run publishes the same images.
 */
export function attester({ listContainer: list, keptList, now }: AttestWorld): Attest {
  const limit = pLimit(AT_ONCE);

  async function findPackages(
    { registry, repository }: Place,
    { platform, descriptor: { digest } }: IndexMember,
    attestation: Properties,
    signal: AbortSignal,
  ): Promise<Packages> {
    if (readProperty(attestation, 'kind', parsed(parseKind)) === 'vm-disk') {
      return (await keptList(digest)) ?? unknown(whyNotBooted(platform));
    }
    const reference = formatImageReference({ registry, repository, digest });
    const engine = readOptional(attestation, 'engine', object);
    const address = engine && {
      host: readOptional(engine, 'host', text),
      certPath: readOptional(engine, 'certPath', text),
    };
    return limit(() => list(reference, { platform, signal, engine: address }));
  }

  return async (place, members, attestations, { log, signal }) => {
    const { client, registry, repository } = place;
    const attested = members.map(async (image): Promise<readonly IndexAttestation[]> => {
      const attestation = attestations[image.platform];
      if (attestation === undefined) return [];
      const packages = await findPackages(place, image, attestation, signal);
      if (packages.kind === 'unknown') {
        log('info', `no package list of ${image.platform}: ${packages.reason}`);
      }
      const provenance = finish(
        readProperty(attestation, 'provenance', (value) => Provenance.safeParse(value).data),
        now(),
      );
      const facts = { packages, provenance };
      const { artifact, manifest } = attestationManifest(`${registry}/${repository}`, image, facts);
      await pushArtifact(client, repository, artifact, manifest);
      const { digest, mediaType, bytes } = manifest;
      return [{ image, descriptor: { digest, mediaType, size: bytes.byteLength } }];
    });
    return (await Promise.all(attested)).flat();
  };
}

/** Why no boot has left the list of a disk: one that failed leaves its reason. */
function whyNotBooted(platform: string): string {
  return platform === DEFAULT_PLATFORM
    ? 'its disk was not booted in the run that published it, as the setting `verify` has it done'
    : `a boot lists the packages, and only disks for ${DEFAULT_PLATFORM} are booted`;
}

function parseKind(kind: string) {
  return CONTENTS.find((known) => known === kind);
}
