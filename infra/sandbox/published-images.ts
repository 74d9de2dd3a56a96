import { z } from 'zod';
import {
  type Digest,
  parseDigest,
  parseImageReference,
  type Repository,
} from '../../src/image-reference.ts';
import { parseJson } from '../../src/json.ts';
import { type RegistryClient, registryClient } from '../../src/registry/registry-client.ts';
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
  /** The bytes that a pull transfers, of the largest platform: the configuration and the compressed layers. */
  readonly size: number | undefined;
}

const Blob = z.object({ size: z.number() });
const Member = z.object({
  digest: z.custom<Digest>((text) => parseDigest(String(text)) !== undefined),
  platform: z.object({ os: z.string() }).nullish(),
});
const Content = z.union([
  z.object({ manifests: z.array(Member) }),
  z.object({ manifests: z.undefined().optional(), config: Blob, layers: z.array(Blob) }),
]);

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
    return [{ name, ...image, size: await sizeOf(image.reference) }];
  });
  return (await Promise.all(rows)).flat();
}

async function sizeOf(text: string): Promise<number | undefined> {
  const reference = parseImageReference(text);
  if (reference?.digest === undefined) return undefined;
  const { registry, repository, digest } = reference;
  return pullSize(registryClient({ registry, credentials: undefined }), repository, digest);
}

/** The bytes that a pull transfers, of the largest platform of an index; `undefined` where they can't be read. */
export async function pullSize(
  client: Pick<RegistryClient, 'getManifest'>,
  repository: Repository,
  digest: Digest,
): Promise<number | undefined> {
  const manifest = await client.getManifest(repository, digest);
  const content = manifest && Content.safeParse(parseJson(manifest.bytes)).data;
  if (content === undefined) return undefined;
  if (content.manifests === undefined) {
    return content.layers.reduce((sum, { size }) => sum + size, content.config.size);
  }
  // Attestations have the platform unknown/unknown.
  const platforms = content.manifests.filter(({ platform }) => platform?.os !== 'unknown');
  const sizes = await Promise.all(
    platforms.map((member) => pullSize(client, repository, member.digest)),
  );
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 || known.length < sizes.length ? undefined : Math.max(...known);
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
