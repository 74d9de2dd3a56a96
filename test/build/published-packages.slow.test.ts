import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { publishedPackages } from '../../src/build/published-packages.ts';
import { parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { startPublished } from '../cli/published-images.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { known } from '../support/fixtures.ts';

const PLATFORM = 'linux/amd64';

/** A Docker client that pulls and lists an image; `removal` is what it does to remove the image. */
function scriptDocker(removal: string) {
  const folder = temporaryFolder();
  const [program, pulled] = [join(folder, 'docker'), join(folder, 'pulled')];
  const list = 'format\\tdeb\\na\\t1\\tall\\tinstall ok installed\\nend\\t0\\n';
  const script = [
    '#!/bin/sh',
    'case "$1 $2" in',
    `  "image inspect") test -e ${pulled} ;;`,
    `  "image rm") echo "$3" >>${folder}/removed; ${removal} ;;`,
    `  run\\ *) touch ${pulled}; printf '${list}' ;;`,
    'esac',
  ];
  writeFileSync(program, `${script.join('\n')}\n`, { mode: 0o755 });
  vi.stubEnv('DOCKER_CLI', program);
  const removed = join(folder, 'removed');
  return { removed: () => (existsSync(removed) ? readFileSync(removed, 'utf8') : '') };
}

/** The image whose `latest` is for one platform, and without attestation. */
async function publishOne() {
  const { api, publish } = await startPublished();
  await publish({ tags: ['latest'], platforms: { [PLATFORM]: {} } });
  return {
    kind: 'container',
    registry: known(parseRegistry(api.registry.address)),
    repository: known(parseRepository('ci-images/images/debian-12')),
  } as const;
}

test.each([
  ['is removed again', 'true'],
  ['can not be removed, as where another run has it', 'echo "conflict: in use" >&2; exit 1'],
])('a container without attestation lists its packages, and %s', async (_, removal) => {
  const image = await publishOne();
  const { removed } = scriptDocker(removal);
  const found = await publishedPackages(image, PLATFORM, new AbortController().signal);
  expect(found).toMatchObject({ kind: 'known', list: { packages: [{ name: 'a' }] } });
  expect(removed()).toContain('ci-images/images/debian-12@sha256:');
});

test('a platform that latest lacks has no packages, and not those of another', async () => {
  const image = await publishOne();
  scriptDocker('true');
  const found = await publishedPackages(image, 'linux/arm64', new AbortController().signal);
  expect(found).toEqual({ kind: 'unknown', reason: 'latest has no image for linux/arm64' });
});
