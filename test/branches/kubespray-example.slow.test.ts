import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryWith } from './some-source.ts';
import { checkout } from '../cli/checkout-fixture.ts';
import { printedBy } from '../cli/printed-by.ts';
import { git, type GitFiles } from '../git/git-repository.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

const EXAMPLE = 'config/retention.kubespray.yml';
const STACK = `config:
  gcp:project: some-project
  gcp:region: europe-west4
  kubernetes-ci-images:repositoryId: images
  kubernetes-ci-images:retention: ${EXAMPLE}
`;

const DOCKER = 'roles/container-engine/docker/molecule/default/molecule.yml';
const PACKET = 'tests/files/packet_ubuntu.yml';
const CI = (tag: string) => `image: quay.io/kubespray/vm-kubespray-ci:${tag}\n`;

/** As its release branches are, of which 2.7 to 2.9 still exist. */
const release = (key: string, tag: string) => ({
  [PACKET]: `---\ncloud_image: ${key}\nmode: all-in-one\n`,
  '.gitlab-ci/packet.yml': `x:\n  ${CI(tag)}`,
});

/** Kubespray's branches in small, with each of its ways to name an image. */
const KUBESPRAY = {
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

function formatNeed({ image, tag, digest }: z.infer<typeof Printed>['needs'][number]): string {
  if (tag !== undefined) return `${image}:${tag}`;
  return digest === undefined ? image : `${image}@${digest}`;
}

/** What `images references` prints in a checkout of this repository's own `config/`. */
async function references(branches: Readonly<Record<string, GitFiles>> = KUBESPRAY) {
  const example = OWN_CONFIG[EXAMPLE] ?? '';
  const url = 'https://github.com/kubernetes-sigs/kubespray';
  expect(example).toContain(`repository: ${url}\n`);
  const clone = repositoryWith(branches);
  const root = checkout({
    ...OWN_CONFIG,
    [EXAMPLE]: example.replace(url, clone),
    'Pulumi.prod.yaml': STACK,
  });
  git(root, ['init', '--quiet', '--initial-branch=main']);
  git(root, ['add', '.']);
  git(root, ['commit', '--quiet', '--message=x']);
  const { status, stdout, stderr } = await printedBy(root, 'references', '--json');
  if (status !== 0) throw new Error(stderr);
  return { ...Printed.parse(JSON.parse(stdout)), warnings: stderr };
}

/** The versions that master needs, once these files of it are other ones. */
async function edited(files: GitFiles) {
  const { needs, warnings } = await references({
    ...KUBESPRAY,
    master: { ...KUBESPRAY.master, ...files },
  });
  const versions = needs.filter(({ alias }) => alias === 'kubespray-master').map(formatNeed);
  return { versions, warnings };
}

test('the example reads each way of Kubespray to name an image, and reports what no catalog entry is for', async () => {
  const { branches, needs, notInCatalog } = await references();
  const isOfKubespray = ({ source }: { source: string }) => source === 'kubespray';
  expect(branches.filter(isOfKubespray).map(({ branch }) => branch)).toEqual([
    'master',
    'release-2.31',
    'release-2.30',
    'release-2.29',
  ]);
  const found = needs.filter(isOfKubespray).map((need) => `${need.alias} ${formatNeed(need)}`);
  expect(found).toEqual([
    'kubespray-master vm-amazon-linux-2:latest',
    'kubespray-master vm-debian-12:latest',
    'kubespray-master vm-flatcar-4081:latest',
    'kubespray-master vm-kubespray-ci:v13',
    'kubespray-master vm-opensuse-leap-15-6:latest',
    'kubespray-master vm-rockylinux-9:latest',
    'kubespray-master vm-ubuntu-2404:latest',
    'kubespray-release-2.31 vm-fedora-41',
    'kubespray-release-2.31 vm-kubespray-ci:v13',
    'kubespray-release-2.30 vm-almalinux-9',
    'kubespray-release-2.30 vm-kubespray-ci:v12',
    'kubespray-release-2.29 vm-debian-11',
    'kubespray-release-2.29 vm-kubespray-ci:v11',
  ]);
  expect(notInCatalog.consumers).toEqual(['vm-amazon-linux-2', 'vm-kubespray-ci']);
});

const D = `sha256:${'ab'.repeat(32)}`;
const KEY = 'tests/files/ubuntu24.yml';
const JOBS = '.gitlab-ci/kubevirt.yml';

test.each([
  ['an anchor', KEY, 'a: &key debian-13\ncloud_image: *key\n', 'vm-debian-13:latest'],
  ['a value below its key', KEY, 'cloud_image: >-\n  debian-13\n', 'vm-debian-13:latest'],
  ['a quoted key', KEY, '"cloud_image" : debian-13\n', 'vm-debian-13:latest'],
  ['a digest', JOBS, `image: quay.io/kubespray/vm-kubespray-ci@${D}\n`, `vm-kubespray-ci@${D}`],
  ['no tag', JOBS, 'image: quay.io/kubespray/vm-kubespray-ci\n', 'vm-kubespray-ci:latest'],
])('the example survives %s', async (_, file, content, version) => {
  expect((await edited({ [file]: content })).versions).toContain(version);
});

test('the example survives CI jobs that name no image, and says so', async () => {
  const { versions, warnings } = await edited({ [JOBS]: 'image: $PIPELINE_IMAGE\n' });
  expect(versions).not.toContain('vm-kubespray-ci:v13');
  expect(warnings).toContain(
    'warning: kubespray: references[1]: nothing in .gitlab-ci.yml, .gitlab-ci/*.yml names an image on master\n',
  );
});

test('the example reports a release whose files moved, though others are left', async () => {
  const { [PACKET]: moved, ...others } = KUBESPRAY['release-2.30'];
  const files = { ...others, 'tests/vars/ubuntu.yml': moved, [DOCKER]: 'cloud_image: debian-12' };
  await expect(references({ ...KUBESPRAY, 'release-2.30': files })).rejects.toThrow(
    /kubespray@release-2\.30 .*NO_REFERENCES\n {2}no file is at tests\/files\/\*\.yml/,
  );
});

test('the example differs from config/retention.yml by its sources only', () => {
  const [example, own] = [EXAMPLE, 'config/retention.yml'].map((path) =>
    z.looseObject({ sources: z.array(z.unknown()) }).parse(parse(OWN_CONFIG[path] ?? '')),
  );
  expect(example).toEqual({ ...own, sources: [...(own?.sources ?? []), expect.anything()] });
});
