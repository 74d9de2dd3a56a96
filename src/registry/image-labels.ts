import { z } from 'zod';
import type { Digest, Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { annotationsOf, NO_PLATFORM, parseManifest } from './manifest.ts';
import type { RegistryClient } from './registry-client.ts';

/** OCI image spec, "Image Configuration". */
const Configuration = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
});

/**
 * The labels of an image; of an index, its annotations, and beside them the labels of its first image. None for
 * anything that is no image.
 */
export async function imageLabels(
  client: Pick<RegistryClient, 'getManifest' | 'getBlob'>,
  repository: Repository,
  digest: Digest,
): Promise<Readonly<Record<string, string>>> {
  const manifest = await client.getManifest(repository, digest);
  const content = manifest && parseManifest(manifest.bytes);
  const first = content?.manifests?.find(({ platform }) => platform !== NO_PLATFORM);
  if (manifest !== undefined && first?.digest !== undefined && first.digest !== digest) {
    const ofFirst = await imageLabels(client, repository, first.digest);
    return { ...ofFirst, ...annotationsOf(manifest.bytes) };
  }
  const config = content?.config?.digest;
  const bytes = config && (await client.getBlob(repository, config));
  return Configuration.safeParse(bytes && parseJson(bytes)).data?.config.Labels ?? {};
}
