import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { inTurns, type Benchmark } from './measure.ts';
import { runEngine, withFixture } from './with-fixture.ts';
import { parseDigest, parseRepository, parseTag } from '../../src/image-reference.ts';
import { engineVariables } from '../../infra/pipeline/steps.ts';
import { plannedTags } from '../support/engine-output.ts';
import type { PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

/** A preview of the real program with nothing to change, against a program that does nothing. */
export const preview: Benchmark = {
  name: 'preview',
  what: 'preview with nothing to change',
  sizes: [27, 100, 300],
  unit: 'images',
  yardstick: 'as many bare resources in an empty program',
  repeatsItself: true,
  goal: '0.80 × for 27, 0.87 × for 300',
  run: (size, folder) =>
    withFixture(async (fixture) => {
      const ours = await publishedCheckout(fixture, size);
      const state = JSON.parse(await runEngine(ours, 'stack', 'export')) as unknown;
      const { length } = Exported.parse(state).deployment.resources;
      const bare = await bareProgram(
        length,
        await fixture.checkout({ plugIns: 'started' }),
        folder,
      );
      return inTurns({
        ours: () => Promise.resolve(() => runIn(ours.root, ours, PREVIEW)),
        floor: () => Promise.resolve(bare),
      });
    }),
};

/** So many images of one context, all of them published already. */
async function publishedCheckout(fixture: PublishingFixture, size: number): Promise<TestCheckout> {
  const checkout = await fixture.checkout({ plugIns: 'started' });
  const entries = Array.from({ length: size }, (_, at) => {
    const rest = `version: "${at}", context: config/contexts/one, base: "${fixture.base}", adopt: "${fixture.base.split('@')[1]}"`;
    return `  - { name: image-${at}, distribution: busybox, ${rest} }`;
  });
  checkout.write('config/images.yml', ['images:', ...entries, ''].join('\n'));
  checkout.write('config/contexts/one/Dockerfile', DOCKERFILE);
  checkout.write('config/contexts/one/content', 'one\n');
  checkout.commit();
  await publishAll(fixture, plannedTags(checkout));
  await runEngine(checkout, ...up());
  // The first run after a publication adopts.
  await runEngine(checkout, ...up());
  return checkout;
}

/** Gives every image its tag, with the base's own manifest: nothing has to be built to be adopted. */
async function publishAll(
  fixture: PublishingFixture,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const { base, client } = fixture;
  const [reference = '', digest = ''] = base.split('@');
  const path = parseRepository(reference.split('/').slice(1).join('/').split(':')[0] ?? '');
  const pinned = parseDigest(digest);
  const manifest = path && pinned && (await client.getManifest(path, pinned));
  if (path === undefined || manifest === undefined) throw new Error(`there is no ${base}`);
  const { config, layers } = Blobs.parse(JSON.parse(Buffer.from(manifest.bytes).toString()));
  const blobs = [config, ...layers].map((blob) => blob.digest);
  for (const [name, tag] of Object.entries(tags)) {
    const parsed = parseTag(tag);
    if (parsed === undefined) throw new Error(tag);
    for (const blob of blobs) await mountBlob(base, fixture.repository(name), blob, path);
    await client.putManifest(fixture.repository(name), parsed, manifest);
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

const PREVIEW = ['preview', '--non-interactive', '--expect-no-changes'];

/** Runs the engine in a folder as `npm run pulumi` and the pipelines do. */
async function runIn(root: string, checkout: TestCheckout, args: readonly string[]): Promise<void> {
  const variables = engineVariables(args);
  const { code, output } = await checkout.run('pulumi', ['-C', root, ...args], variables);
  if (code !== 0) throw new Error(output);
}

const Exported = z.object({ deployment: z.object({ resources: z.array(z.unknown()) }) });

/** A program with so many resources that are nothing, on the same engine; returns what previews it. */
async function bareProgram(
  count: number,
  checkout: TestCheckout,
  folder: string,
): Promise<() => Promise<void>> {
  const root = join(folder, 'bare');
  mkdirSync(root);
  symlinkSync(join(checkout.root, 'node_modules'), join(root, 'node_modules'));
  const settings = 'name: bare\nruntime: { name: nodejs, options: { typescript: false } }\n';
  writeFileSync(join(root, 'Pulumi.yaml'), settings);
  writeFileSync(join(root, 'package.json'), '{ "type": "module", "main": "index.js" }');
  // The stack itself is one, too.
  writeFileSync(
    join(root, 'index.js'),
    `import pulumi from '@pulumi/pulumi';
for (let at = 1; at < ${count}; at += 1) new pulumi.ComponentResource('bench:index:Bare', 'bare-' + at);
`,
  );
  await runIn(root, checkout, ['stack', 'init', 'sandbox']);
  await runIn(root, checkout, up());
  return () => runIn(root, checkout, PREVIEW);
}
