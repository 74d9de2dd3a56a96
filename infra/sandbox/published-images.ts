import { z } from 'zod';
import { type ImageReference, parseImageReference } from '../../src/image-reference.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { engineEnvironment } from './engine-environment.ts';
import { runCommand } from '../toolchain/run-command.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import type { Sandbox } from './sandbox.ts';
import Table from 'cli-table3';

/** An image of the stack output `images`, as far as it is needed here. */
const Output = z.object({
  reference: z.string(),
  tag: z.string(),
  aliases: z.array(z.string()),
  digest: z.string(),
});
const Outputs = z.object({ images: z.record(z.string(), Output.nullish()) });

/** One published image, a row of the table. */
interface PublishedImageRow extends Readonly<z.infer<typeof Output>> {
  readonly name: string;
  /** The bytes that a pull transfers: the configuration and the compressed layers. */
  readonly size: number | undefined;
}

const Blob = z.object({ size: z.number() });
const ImageManifest = z.object({ config: Blob, layers: z.array(Blob) });

/** The images of the stack `sandbox`, with their sizes from the registry. */
export async function publishedImages(
  sandbox: Sandbox,
  record: SandboxRecord,
): Promise<PublishedImageRow[]> {
  const text = await runCommand(record.engine.command, ['stack', 'output', '--json'], {
    cwd: sandbox.root,
    env: engineEnvironment(sandbox, record),
  });
  const { images } = Outputs.parse({ images: {}, ...(JSON.parse(text) as object) });
  const rows = Object.entries(images).map(async ([name, image]) => {
    if (!image) return [];
    return [{ name, ...image, size: await sizeOf(parseImageReference(image.reference)) }];
  });
  return (await Promise.all(rows)).flat();
}

async function sizeOf(reference: ImageReference | undefined): Promise<number | undefined> {
  if (reference?.digest === undefined) return undefined;
  const { registry, repository, digest } = reference;
  const client = registryClient({ registry, credentials: undefined });
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return undefined;
  const parsed = ImageManifest.safeParse(JSON.parse(new TextDecoder().decode(manifest.bytes)));
  if (!parsed.success) return undefined;
  const { config, layers } = parsed.data;
  return layers.reduce((sum, { size }) => sum + size, config.size);
}

/** The length of a digest that tells images apart on a screen. */
const SHORT_DIGEST = 'sha256:'.length + 12;

/** The published images, a row each, and below them the commands that pull exactly these images. */
export function publishedTable(rows: readonly PublishedImageRow[]): string {
  const table = new Table({
    head: ['image', 'tag', 'alias', 'digest', 'size'],
    colAligns: ['left', 'left', 'left', 'left', 'right'],
    // Colours belong to terminals only, and a table reads well without.
    style: { head: [], border: [] },
  });
  for (const { name, tag, aliases, digest, size } of rows) {
    table.push([name, tag, aliases.join(', '), digest.slice(0, SHORT_DIGEST), formatSize(size)]);
  }
  const pulls = rows.map(({ reference }) => `docker pull ${reference}`);
  return [table.toString(), '', ...pulls].join('\n');
}

/** In megabytes of 10⁶ bytes, as Docker counts. */
export function formatSize(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : `${(bytes / 1e6).toFixed(1)} MB`;
}
