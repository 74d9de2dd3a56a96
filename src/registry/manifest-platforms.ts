import { parseJson } from '../json.ts';
import { z } from 'zod';
import { parseDigest, type Repository } from '../image-reference.ts';
import type { Manifest } from './manifest.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** OCI image spec, "Image Index" and "Image Configuration"; in the wild `variant` may be there and empty. */
const Platform = z
  .object({ os: z.string(), architecture: z.string(), variant: z.string().nullish() })
  .transform(({ os, architecture, variant }) =>
    [os, architecture, variant ?? ''].filter((part) => part !== '').join('/'),
  );

const Index = z.object({
  manifests: z.array(z.object({ platform: Platform.nullish() })),
  // A text that is both would be one thing to us and another to Docker (CVE-2021-41190).
  config: z.undefined().optional(),
  layers: z.undefined().optional(),
});

const ImageManifest = z.object({
  config: z.object({ digest: z.string() }),
  manifests: z.undefined().optional(),
});

/** What an index has beside images, such as attestations. */
const NO_PLATFORM = 'unknown/unknown';

/**
 * The platforms, as `os/architecture[/variant]`, of the images of an index, or of the one image that a
 * manifest is. Throws `REGISTRY_ANSWER` when it is neither.
 */
export async function manifestPlatforms(
  manifest: Manifest,
  repository: Repository,
  client: Pick<RegistryClient, 'getBlob'>,
): Promise<readonly string[]> {
  const content = parseJson(manifest.bytes);
  const index = Index.safeParse(content);
  if (index.success) {
    const platforms = index.data.manifests.flatMap(({ platform }) => platform ?? []);
    return [...new Set(platforms)].filter((platform) => platform !== NO_PLATFORM);
  }
  const digest = parseDigest(ImageManifest.safeParse(content).data?.config.digest ?? '');
  if (digest === undefined) throw noImage(manifest, repository, 'is no image, nor an index of any');
  const config = await client.getBlob(repository, digest);
  const platform = Platform.safeParse(config && parseJson(config));
  if (platform.success) return [platform.data];
  throw noImage(manifest, repository, 'does not say what platform it is for');
}

function noImage({ digest }: Manifest, repository: Repository, what: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `${repository}@${digest} ${what}`,
    'look at what was pushed there, or follow another tag',
  );
}
