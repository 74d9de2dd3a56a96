import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { DOCKER, EXAMPLE, formatNeed, KUBESPRAY, PACKET, references } from './some-kubespray.ts';
import type { GitFiles } from '../git/git-repository.ts';
import { OWN_CONFIG } from '../support/memory-tree.ts';

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
