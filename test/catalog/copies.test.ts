import { expect, test } from 'vitest';
import { catalogOf, CHECKOUT, DIGEST, imagesOf, problemsOf } from './checkout.ts';

const FROM = `quay.io/kubespray/vm-kubespray-ci:v13@${DIGEST}`;
const COPY = `{ kind: copy, distribution: kubespray-ci, version: v13, from: "${FROM}" }`;
const BOTH = ['linux/amd64', 'linux/arm64'];

function withKeys(keys: string): string {
  return COPY.replace(' }', `, ${keys} }`);
}

test('a copy is a reference by digest; by default it is a container for linux/amd64', () => {
  const [image] = imagesOf(catalogOf(`images: [${COPY}]`));
  expect(image).toEqual({
    kind: 'copy',
    name: 'kubespray-ci-v13',
    distribution: 'kubespray-ci',
    version: 'v13',
    from: {
      registry: 'quay.io',
      repository: 'kubespray/vm-kubespray-ci',
      tag: 'v13',
      digest: DIGEST,
    },
    holds: 'container',
    platforms: ['linux/amd64'],
  });
});

test('a copy of the disk of a VM is named as such disks are, unless it has a name', () => {
  const disks = `images: [${withKeys('holds: vm-disk')}]`;
  expect(imagesOf(catalogOf(disks))).toMatchObject([
    { name: 'vm-kubespray-ci-v13', holds: 'vm-disk' },
  ]);
  expect(imagesOf(CHECKOUT).at(-1)).toMatchObject({ kind: 'copy', name: 'vm-kubespray-ci' });
});

test('versions of a copy share an entry, and differ in what they are copied from', () => {
  const item = `{ version: "2", from: "${FROM}" }`;
  const shared = `kind: copy, distribution: amazon-linux, platforms: [${BOTH.join(', ')}]`;
  const images = imagesOf(
    catalogOf(`images: [{ ${shared}, versions: [${item}, ${item.replace('"2"', '"2023"')}] }]`),
  );
  expect(images.map(({ name }) => name)).toEqual(['amazon-linux-2', 'amazon-linux-2023']);
  expect(images.map(({ platforms }) => platforms)).toEqual([BOTH, BOTH]);
});

test('a copy takes the platform and the commands of the defaults, and no recipe', () => {
  const defaults = 'context: contexts/apt, args: { A: b }, snapshot: 2026-11-01, verify: ["true"]';
  const text = (holds: string) =>
    `defaults: { ${defaults}, platform: linux/arm64 }\nimages: [${withKeys(holds)}]`;
  const [image] = imagesOf(catalogOf(text('holds: container')));
  expect(image).toMatchObject({ platforms: ['linux/arm64'], verify: ['true'] });
  for (const key of ['context', 'args', 'snapshot']) expect(image).not.toHaveProperty(key);
  // Commands for containers are nothing wrong with a disk beside them.
  expect(problemsOf(catalogOf(text('holds: vm-disk')))).toEqual([]);
});

test.each([
  [withKeys('context: contexts/apt'), ['KEY_OF_OTHER_KIND images[0].context']],
  [withKeys('snapshot: 2026-11-01'), ['KEY_OF_OTHER_KIND images[0].snapshot']],
  [withKeys('url: "https://images.example/x.qcow2"'), ['KEY_OF_OTHER_KIND images[0].url']],
  [withKeys('holds: disk'), ['UNKNOWN_KIND images[0].holds']],
  [withKeys('holds: vm-disk, verify: ["true"]'), ['KEY_OF_OTHER_KIND images[0].verify']],
  [withKeys('platforms: [amd64]'), ['UNKNOWN_PLATFORM images[0].platforms[0]']],
  [COPY.replace(`from: "${FROM}"`, ''), ['MISSING_KEY images[0].from']],
  [COPY.replace(`@${DIGEST}`, ''), ['UNPINNED_FROM images[0].from']],
  [COPY.replace('quay.io/', ''), ['INVALID_FROM images[0].from']],
  [COPY.replace('kind: copy, ', ''), ['KEY_OF_OTHER_KIND images[0].from']],
])('%s has %s', (entry, problems) => {
  const found = problemsOf(catalogOf(`defaults: { context: contexts/apt }\nimages: [${entry}]`));
  expect(found.map(({ code, path }) => `${code} ${path}`)).toEqual(problems);
});
