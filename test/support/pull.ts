import { z } from 'zod';
import { parseDigest, parseTag, type Digest } from '../../src/image-reference.ts';
import type { DeclaredRegistry } from './declared-registry.ts';

const Manifest = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string() })),
});

/** Fetches all of an image, as a pull does; gives its digest, or nothing when it is not there. */
export async function pull(
  { fixture }: DeclaredRegistry,
  image: string,
  reference: string,
): Promise<Digest | undefined> {
  const found = parseDigest(reference) ?? parseTag(reference);
  if (found === undefined) throw new Error(`neither tag nor digest: ${reference}`);
  const path = fixture.repository(image);
  const manifest = await fixture.client.getManifest(path, found);
  if (manifest === undefined) return undefined;
  const { config, layers } = Manifest.parse(JSON.parse(Buffer.from(manifest.bytes).toString()));
  for (const { digest } of [config, ...layers]) {
    const blob = await fixture.client.getBlob(path, digest as Digest);
    if (blob === undefined) throw new Error(`${image}:${reference} lacks ${digest}`);
  }
  return manifest.digest;
}
