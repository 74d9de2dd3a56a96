import { expect } from 'vitest';
import { z } from 'zod';
import { repositoryWith } from './some-source.ts';
import { checkout } from '../cli/checkout-fixture.ts';
import { printedBy } from '../cli/printed-by.ts';
import { git, type GitFiles } from '../git/git-repository.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

export const EXAMPLE = 'config/retention.kubespray.yml';
/** A stack that uses the example. */
const STACK = `config:
  gcp:project: some-project
  gcp:region: europe-west4
  kubernetes-ci-images:repositoryId: images
  kubernetes-ci-images:retention: ${EXAMPLE}
`;

export const DOCKER = 'roles/container-engine/docker/molecule/default/molecule.yml';
export const PACKET = 'tests/files/packet_ubuntu.yml';
const CI = (tag: string) => `image: quay.io/kubespray/vm-kubespray-ci:${tag}\n`;

/** As its release branches are, of which 2.7 to 2.9 still exist. */
const release = (key: string, tag: string) => ({
  [PACKET]: `---\ncloud_image: ${key}\nmode: all-in-one\n`,
  '.gitlab-ci/packet.yml': `x:\n  ${CI(tag)}`,
});

/** Kubespray's branches in small, with each of its ways to name an image. */
export const KUBESPRAY = {
  master: {
    'tests/files/ubuntu24.yml': '---\n# cloud_image: ubuntu-1604\ncloud_image: ubuntu-2404\n',
    'tests/files/leap.yml': 'cloud_image: "opensuse-leap-15-6"\n',
    'tests/files/flatcar.yml': "cloud_image: 'flatcar-4081' # stable\n",
    'tests/files/byhand.yml': 'cloud_image: amazon-linux-2\n',
    'tests/files/custom_cni/values.yml': 'cloud_image: nobody\n',
    'tests/cloud_playbooks/vm.yml': 'image: quay.io/kubespray/vm-{{ cloud_image }}\n',
    [DOCKER]:
      'platforms:\n  - name: a\n    cloud_image: debian-12\n  - cloud_image: rockylinux-9\n',
    '.gitlab-ci/kubevirt.yml': `# quay.io/kubespray/vm-centos-8:latest\n${CI('v13')}`,
  },
  'release-2.7': release('ubuntu-1604', 'v1'),
  'release-2.9': release('ubuntu-1804', 'v2'),
  'release-2.28': release('debian-10', 'v10'),
  'release-2.29': release('debian-11', 'v11'),
  'release-2.30': release('almalinux-9', 'v12'),
  'release-2.31': release('fedora-41', 'v13'),
  'release-2.10': release('centos-8', 'v3'),
};

const OfBranch = z.object({ source: z.string(), branch: z.string() });
const Name = z.string().optional();
const Printed = z.object({
  branches: z.array(OfBranch),
  needs: z.array(
    OfBranch.extend({ alias: z.string(), image: z.string(), tag: Name, digest: Name }),
  ),
  notInCatalog: z.object({ consumers: z.array(z.string()) }),
});

export function formatNeed({
  image,
  tag,
  digest,
}: z.infer<typeof Printed>['needs'][number]): string {
  if (tag !== undefined) return `${image}:${tag}`;
  return digest === undefined ? image : `${image}@${digest}`;
}

/** A checkout of this repository's own `config/`, whose example reads these branches; `files` are other ones of it. */
export function checkoutWith(
  branches: Readonly<Record<string, GitFiles>> = KUBESPRAY,
  files: Readonly<Record<string, string>> = {},
): string {
  const example = files[EXAMPLE] ?? OWN_CONFIG[EXAMPLE] ?? '';
  const url = 'https://github.com/kubernetes-sigs/kubespray';
  expect(example).toContain(`repository: ${url}\n`);
  const root = checkout({
    'Pulumi.prod.yaml': STACK,
    ...OWN_CONFIG,
    ...files,
    [EXAMPLE]: example.replace(url, repositoryWith(branches)),
  });
  git(root, ['init', '--quiet', '--initial-branch=main']);
  git(root, ['add', '.']);
  git(root, ['commit', '--quiet', '--message=x']);
  return root;
}

/** What `images references` prints in such a checkout. */
export async function references(...which: Parameters<typeof checkoutWith>) {
  const { status, stdout, stderr } = await printedBy(
    checkoutWith(...which),
    'references',
    '--json',
  );
  if (status !== 0) throw new Error(stderr);
  return { ...Printed.parse(JSON.parse(stdout)), warnings: stderr };
}
