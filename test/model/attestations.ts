import type { Attest } from '../../infra/oci/attest.ts';
import { artifactManifest, pushArtifact } from '../../src/registry/artifacts.ts';

/** An image for one platform has one attestation, that says nothing. */
export const modelAttest: Attest = ({ client, repository }, members) =>
  Promise.all(
    members.map(async (image) => {
      const layers = [{ mediaType: 'application/attestation', bytes: Buffer.from('{}') }];
      const artifact = { artifactType: 'application/attestation', layers, annotations: {} };
      const manifest = artifactManifest(artifact, image.descriptor);
      await pushArtifact(client, repository, artifact, manifest);
      const { digest, mediaType, bytes } = manifest;
      return { image, descriptor: { digest, mediaType, size: bytes.byteLength } };
    }),
  );
