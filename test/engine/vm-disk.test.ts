import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { CHECKOUT } from '../../infra/sandbox/checkout.ts';
import { DISK_FILE } from '../../src/disk/prepare/prepare-disk.ts';
import { diskWorkshop } from '../disk/disk-workshop.ts';
import { INSTALL_MS, providedPrograms } from '../disk/provided-programs.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { docker, dockerCli, dockerEnvironment } from '../support/docker-cli.ts';

beforeAll(providedPrograms, INSTALL_MS);

const DOCKERFILE = join(CHECKOUT, 'config/contexts/vm-disk/Dockerfile');

const Manifest = z.array(z.object({ Layers: z.array(z.string()) }));
const Labels = z.record(z.string(), z.string());

/** Builds the prepared disk in `folder`; the name of the image, which goes when the test has finished. */
function build(folder: string, buildKit: '0' | '1'): string {
  const image = `vm-disk-test-${randomUUID()}`;
  onTestFinished(async () => {
    await docker('image', 'rm', '--force', image);
  });
  const named = ['VERSION=12', 'REVISION=abc', 'SOURCE=https://git.example', 'CREATED=2026-08-21'];
  const args = named.flatMap((argument) => ['--build-arg', argument]);
  execFileSync(dockerCli(), ['build', '--tag', image, '--file', DOCKERFILE, ...args, folder], {
    env: { ...dockerEnvironment(), DOCKER_BUILDKIT: buildKit },
    stdio: 'pipe',
  });
  return image;
}

/** The only layer of an image, as a tar file. */
async function layerOf(image: string): Promise<string> {
  const folder = join(temporaryFolder(), 'saved');
  mkdirSync(folder);
  await docker('save', '--output', join(folder, 'image.tar'), image);
  execFileSync('tar', ['-xf', 'image.tar'], { cwd: folder });
  const [manifest] = Manifest.parse(
    JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')),
  );
  const [layer = '', ...others] = manifest?.Layers ?? [];
  expect(others).toEqual([]);
  return join(folder, layer);
}

test.each([
  ['BuildKit', '1'],
  ['the classic builder', '0'],
] as const)('%s makes a containerDisk: one file, mode 0444, of 107:107', async (_, buildKit) => {
  const workshop = diskWorkshop();
  workshop.writeRaw('a.raw');
  const folder = await workshop.prepare(await workshop.recipe('a.raw', { format: 'raw' }));
  const image = build(folder, buildKit);
  const layer = await layerOf(image);
  const listing = execFileSync('tar', ['-tvf', layer, '--numeric-owner']).toString().trim();
  const files = listing.split('\n').filter((line) => !line.startsWith('d'));
  expect(files).toEqual([expect.stringMatching(/^-r--r--r-- 107\/107 .* disk\/disk\.qcow2$/)]);
  const content = execFileSync('tar', ['-xOf', layer, 'disk/disk.qcow2'], { maxBuffer: 2 ** 26 });
  expect(content.equals(readFileSync(join(folder, DISK_FILE)))).toBe(true);
  const labels = await docker('image', 'inspect', '--format', '{{json .Config.Labels}}', image);
  expect(Labels.parse(JSON.parse(labels))).toEqual({
    'org.opencontainers.image.version': '12',
    'org.opencontainers.image.revision': 'abc',
    'org.opencontainers.image.source': 'https://git.example',
    'org.opencontainers.image.created': '2026-08-21',
  });
});
