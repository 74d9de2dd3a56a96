import { parseJson } from '../json.ts';
import { z } from 'zod';
import { parseDigest, type Digest } from '../image-reference.ts';

const DigestText = z.string().transform((text, context) => {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  context.addIssue('no digest');
  return z.NEVER;
});

const Manifest = z.object({
  layers: z.array(z.object({ digest: DigestText })),
  manifests: z.undefined().optional(),
});

const Index = z.object({
  manifests: z.array(
    z.object({
      digest: DigestText,
      platform: z.object({ os: z.string(), architecture: z.string() }).nullish(),
    }),
  ),
  layers: z.undefined().optional(),
});

/** What a manifest leads to: an image's layers, lowest first, or that image for the platform. */
export type ManifestContent =
  { readonly layers: readonly Digest[] } | { readonly image: Digest } | undefined;

/**
 * Reads a manifest, or an index (OCI image spec) for its image of a platform `os/architecture`.
 * `undefined` for anything else.
 */
export function readManifest(bytes: Uint8Array, platform: string): ManifestContent {
  const content = parseJson(bytes);
  const manifest = Manifest.safeParse(content);
  if (manifest.success) return { layers: manifest.data.layers.map(({ digest }) => digest) };
  const index = Index.safeParse(content);
  const image = index.data?.manifests.find(
    ({ platform: found }) => found && `${found.os}/${found.architecture}` === platform,
  );
  return image && { image: image.digest };
}
