import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkoutWith, EXAMPLE, KUBESPRAY, references } from './some-kubespray.ts';
import { printedBy } from '../cli/printed-by.ts';
import { writeFiles } from '../git/git-repository.ts';
import { BRANCHES, listText } from '../refresh/lists/some-list.ts';
import { KUBESPRAY_LIST } from '../../src/refresh/lists/kubespray-list.ts';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree, OWN_CONFIG } from '../support/memory-tree.ts';

// What config/KUBESPRAY.md says is tried on branches in the shape of Kubespray's.

const PAGE = readFileSync('config/KUBESPRAY.md', 'utf8');

/** The one block of the page that has this text. */
function block(text: string): string {
  const blocks = [...PAGE.matchAll(/^( *)```\w+\n(.*?)^ *```$/gms)].map(
    ([, indent = '', content = '']) => content.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  const found = blocks.filter((content) => content.includes(text));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}

/** A text after a diff of the page, which must fit. */
function patched(text: string, diff: string): string {
  const lines = diff.trimEnd().split('\n');
  const side = (sign: string) =>
    lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).map((l) => l.slice(1));
  const before = side('-').join('\n');
  expect(text).toContain(before);
  return text.replace(before, () => side('+').join('\n'));
}

const STACK = block('# Pulumi.prod.yaml');
const { config } = z.object({ config: z.record(z.string(), z.string()) }).parse(parse(STACK));
const DESTINATION = config['kubernetes-ci-images:destination'] ?? '';

/** The part of `tests/cloud_playbooks/roles/packet-ci/templates/vm.yml.j2` that names the image. */
const TEMPLATE = `      volumes:
        - name: containervolume
          containerDisk:
            image: quay.io/kubespray/vm-{{ cloud_image }}
{% if cloud_image in cloud_init %}
`;

const withSettings = (files = {}) => ({ 'Pulumi.prod.yaml': STACK, ...files });

test('the settings publish the catalog there', async () => {
  expect(config['kubernetes-ci-images:retention']).toBe(EXAMPLE);
  const root = checkoutWith(KUBESPRAY, withSettings());
  const { status, stderr } = await printedBy(root, 'plan');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the line of the template pulls what the stack publishes for each image of the release', async () => {
  const line = block('vm-{{ cloud_image }}');
  const [, image = ''] = /image: (.*)/.exec(patched(TEMPLATE, line)) ?? [];
  const { needs } = await references(KUBESPRAY, withSettings());
  const needed = needs.filter(({ branch, tag }) => branch === 'release-2.31' && tag === undefined);
  expect(needed).not.toEqual([]);
  for (const { image: name, alias } of needed) {
    const pulled = image.replace('{{ cloud_image }}', name.replace(/^vm-/, ''));
    expect(pulled).toBe(`${DESTINATION}/${name}:${alias}`);
  }
});

test('the second reader finds what CI names at the other address, and the first what it names as before', async () => {
  const example = patched(OWN_CONFIG[EXAMPLE] ?? '', block('(?<image>'));
  const moved = Object.fromEntries(
    Object.entries(KUBESPRAY).map(([branch, files]) => {
      const texts = Object.entries(files).map(([path, text]) => {
        return [path, text.replace('image: quay.io/kubespray', `image: ${DESTINATION}`)] as const;
      });
      return [branch, Object.fromEntries(texts)];
    }),
  );
  const { needs } = await references(KUBESPRAY, withSettings());
  for (const branches of [KUBESPRAY, moved]) {
    const after = await references(branches, withSettings({ [EXAMPLE]: example }));
    expect(after.needs).toEqual(needs);
    expect(after.warnings).not.toContain('requires no text');
  }
  // As it was, it overlooks them.
  const overlooked = await references(moved, withSettings());
  expect(overlooked.needs.filter(({ image }) => image === 'vm-kubespray-ci')).toEqual([]);
});

test('the copies have the names that branches use, and lack nothing but their digests', () => {
  const entries = block('kind: copy');
  const catalogOf = (text: string) =>
    parseCatalog({ file: 'images.yml', text: `images:\n${text}`, tree: memoryTree({}) });
  expect(catalogOf(entries).problems.map(({ code }) => code)).toEqual(
    Array.from({ length: 2 }, () => 'UNPINNED_FROM'),
  );
  const pinned = catalogOf(entries.replaceAll(/(from: .*)/g, `$1@sha256:${'a'.repeat(64)}`));
  expect(pinned.problems).toEqual([]);
  const names = pinned.entries.map(({ image }) => image?.name ?? '').toSorted();
  expect(block('release-2.29 leaves')).toContain(
    `Not in the catalog, but referenced by consumers: ${names.join(', ')}\n`,
  );
  expect(PAGE).toContain(`refresh --only ${names.toReversed().join(' ')}`);
});

test("the import of Kubespray's list prints what the page shows", async () => {
  const root = checkoutWith();
  writeFiles(join(root, 'kubespray'), { [KUBESPRAY_LIST]: listText(BRANCHES.master) });
  const { status, stdout } = await printedBy(root, 'import', 'kubespray', 'kubespray', '--check');
  expect(status).toBe(4);
  const shown = block('import kubespray').split('\n').slice(1).join('\n');
  expect(stdout.replace(/(https:\/\/download\.opensuse\.org\/)\S*/, '$1...')).toBe(shown);
});

test('the references print which images are made by hand, and which release leaves', async () => {
  const { stdout } = await printedBy(checkoutWith(KUBESPRAY, withSettings()), 'references');
  // The columns are as wide as the longest name of the catalog.
  const linesOf = (text: string) => text.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  const shown = linesOf(block('release-2.29 leaves')).slice(1);
  expect(linesOf(stdout)).toEqual(
    expect.arrayContaining(shown.filter((line) => line !== '' && line !== '...')),
  );
});

test('the job of GitHub gets a login of its registry, and keeps its rights', () => {
  const workflow = readFileSync('.github/workflows/stack.yml', 'utf8');
  const Job = z.object({
    jobs: z.object({
      stack: z.looseObject({
        permissions: z.record(z.string(), z.string()),
        env: z.record(z.string(), z.string()),
      }),
    }),
  });
  const before = Job.parse(parse(workflow)).jobs.stack;
  const after = Job.parse(parse(patched(workflow, block('packages: write')))).jobs.stack;
  expect(after).toEqual({
    ...before,
    permissions: { ...before.permissions, packages: 'write' },
    env: {
      ...before.env,
      REGISTRY_USERNAME: '${{ github.actor }}',
      REGISTRY_TOKEN: '${{ github.token }}',
    },
  });
});
