import type { Signing } from '../../infra/oci/signing.ts';
import type { Digest } from '../../src/image-reference.ts';
import { attach, findReferrers, referrersTag } from '../../src/registry/artifacts.ts';
import type { Attachment } from './attachment-truth.ts';
import { PREFIX, type ModelRegistry } from './model-registry.ts';

const TYPE = 'application/signature';
export const SIGNER = { publicKey: 'of the model' };

/** Signs without a key: a signature is a referrer, as that of the real one is. `made` gets what belongs to a version then. */
export function modelSigning(registry: ModelRegistry, made: Attachment[]): Signing {
  const find = async ({ client, repository }: Parameters<Signing['find']>[0], digest: Digest) => {
    const referrers = await findReferrers(client, repository, digest);
    return referrers.find(({ artifactType }) => artifactType === TYPE)?.digest;
  };
  return {
    async sign(place, subject) {
      const there = await find(place, subject.digest);
      if (there !== undefined) return there;
      const { client, repository } = place;
      const layers = [{ mediaType: TYPE, bytes: Buffer.from('{}') }];
      const artifact = { artifactType: TYPE, layers, annotations: {} };
      const digest = await attach(client, repository, subject, artifact);
      const image = repository.slice(PREFIX.length + 1);
      const owner = subject.digest;
      const tag = referrersTag(owner);
      const tagged = registry.named(image, tag);
      if (tagged === undefined) made.push({ image, tag: undefined, owner, digest });
      else
        made.push(
          { image, tag, owner, digest: tagged, holds: digest },
          { image, tag, owner, digest },
        );
      return digest;
    },
    async find(place, digest) {
      const signature = await find(place, digest);
      return signature === undefined ? { problems: [] } : { signer: SIGNER, signature };
    },
    isListed: async (place, digest, signature) => (await find(place, digest)) === signature,
    holdsKey: () => false,
  };
}
