import { z } from 'zod';
import { parseDigest, parseRepository, parseTag } from '../../src/image-reference.ts';
import { composeIndex } from '../../src/registry/image-index.ts';
import { copyOf } from '../../src/registry/registry-client.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { plannedTags } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import type { PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, type TestCheckout } from '../support/test-checkout.ts';

export interface CatalogSize {
  readonly images: number;
  /** Of each image. */
  readonly platforms: readonly ('linux/amd64' | 'linux/arm64')[];
}

/** Declares so many images of one context. */
export function declareMany(
  checkout: TestCheckout,
  base: string,
  { images, platforms }: CatalogSize,
): void {
  const entries = Array.from({ length: images }, (_, at) => {
    const rest = `version: "${at}", context: config/contexts/one, base: "${base}"`;
    return `  - { name: image-${at}, distribution: busybox, platforms: [${platforms.join(', ')}], ${rest} }`;
  });
  checkout.write('config/images.yml', ['images:', ...entries, ''].join('\n'));
  checkout.write('config/contexts/one/Dockerfile', DOCKERFILE);
  checkout.write('config/contexts/one/content', 'one\n');
  checkout.commit();
}

/**
 * Publishes every image of the catalog, as an index of copies of the base's manifest: nothing has to be built to be
 * adopted.
 */
export async function publishAll(
  fixture: PublishingFixture,
  checkout: TestCheckout,
  { platforms }: CatalogSize,
): Promise<void> {
  const { base, client } = fixture;
  const [reference = '', digest = ''] = base.split('@');
  const path = known(parseRepository(reference.split('/').slice(1).join('/').split(':')[0] ?? ''));
  const manifest = known(await client.getManifest(path, known(parseDigest(digest))));
  const { config, layers } = Blobs.parse(JSON.parse(Buffer.from(manifest.bytes).toString()));
  const blobs = [config, ...layers].map((blob) => blob.digest);
  const members = platforms.map((platform, at) => {
    const member = at === 0 ? manifest : copyOf(manifest);
    return { platform, member, descriptor: { ...member, size: member.bytes.byteLength } };
  });
  for (const [name, text] of Object.entries(plannedTags(checkout))) {
    const tag = known(parseTag(text));
    for (const blob of blobs) await mountBlob(base, fixture.repository(name), blob, path);
    for (const { member } of members) {
      await client.putManifest(fixture.repository(name), member.digest, member);
    }
    await client.putManifest(
      fixture.repository(name),
      tag,
      composeIndex(members, { [INPUTS_LABEL]: tag }),
    );
  }
}

const Blob = z.object({ digest: z.string() });
const Blobs = z.object({ config: Blob, layers: z.array(Blob) });

/** OCI distribution spec, "Mounting a blob from another repository". */
async function mountBlob(base: string, to: string, digest: string, from: string): Promise<void> {
  const query = new URLSearchParams({ mount: digest, from }).toString();
  const url = `http://${base.split('/')[0] ?? ''}/v2/${to}/blobs/uploads/?${query}`;
  const { status } = await fetch(url, { method: 'POST' });
  if (status !== 201) throw new Error(`${url}: ${status}`);
}
