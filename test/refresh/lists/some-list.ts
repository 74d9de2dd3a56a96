import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Listed = z.object({ key: z.string(), url: z.string(), checksum: z.string() });

export type Listed = z.infer<typeof Listed>;

/** The disks that Kubespray's default branch declares (46dbdd3994b3, 2026-08-21). */
const MASTER: readonly Listed[] = z
  .array(Listed)
  .parse(
    JSON.parse(
      readFileSync(new URL('../../catalog/fixtures/kubespray-disks.json', import.meta.url), 'utf8'),
    ),
  );

export const sum = (digit: string) => `sha256:${digit.repeat(64)}`;

const FEDORA_44: Listed = {
  key: 'fedora-44',
  url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2',
  checksum: 'sha256:28680fe5b371a5a82ebf43a31926e086a168e59949d03969c5093e7071f90b7f',
};

const UBUNTU_2404: Listed = {
  key: 'ubuntu-2404',
  url: 'https://cloud-images.ubuntu.com/releases/noble/release-20260826/ubuntu-24.04-server-cloudimg-amd64.img',
  checksum: 'sha256:d0fe84bb5f80853425fa6be28e2c106f30104c3cfe8611933f2e65c9b63f0e30',
};

const UBUNTU_2604: Listed = {
  key: 'ubuntu-2604',
  url: 'https://cloud-images.ubuntu.com/releases/resolute/release-20260918/ubuntu-26.04-server-cloudimg-amd64.img',
  checksum: 'sha256:4908fb59ccd4e87ae4e8e973b7ef56f535448eacb24a87fd787270c0048987bc',
};

/** The build and the checksum are made up: the list has some, which are not known here. */
export const LEAP_16: Listed = {
  key: 'opensuse-leap-16-0',
  url: 'https://download.opensuse.org/distribution/leap/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-16.0.0-Cloud-Build1.1.qcow2',
  checksum: sum('1'),
};

const ROCKY_9_OLD: Listed = {
  key: 'rockylinux-9',
  url: 'https://download.rockylinux.org/pub/rocky/9.0/images/x86_64/Rocky-9-GenericCloud-9.0-20220830.0.x86_64.qcow2',
  checksum: 'sha256:f02570e0ad3653df7f56baa8157739dbe92a003234acd5824dcf94d24694e20b',
};

const without = (...keys: string[]) => MASTER.filter(({ key }) => !keys.includes(key));

/**
 * Lists in the shapes of Kubespray's branches: the default branch with what came in later (kubespray#13445, #13453,
 * #13464), and releases with older builds, fewer disks, and addresses that move.
 */
export const BRANCHES = {
  master: [...without('ubuntu-2404', 'fedora-42'), UBUNTU_2404, UBUNTU_2604, FEDORA_44, LEAP_16],
  'release-2.31': MASTER,
  'release-2.30': [
    ...without('ubuntu-2404', 'fedora-43', 'debian-13'),
    {
      ...UBUNTU_2404,
      url: 'https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img',
    },
  ],
  'release-2.29': [...without('rockylinux-9', 'rockylinux-10', 'flatcar-4081'), ROCKY_9_OLD],
} as const satisfies Readonly<Record<string, readonly Listed[]>>;

/** A list as Kubespray writes it. */
export function listText(disks: readonly Listed[]): string {
  const images = disks.map(({ key, url, checksum }) =>
    [
      `  ${key}:`,
      `    filename: ${url.slice(url.lastIndexOf('/') + 1)}`,
      `    url: ${url}`,
      `    checksum: ${checksum}`,
      `    converted: ${String(!url.endsWith('.img'))}`,
      '    tag: "latest"',
      '',
    ].join('\n'),
  );
  return [
    '---\nimages_dir: /images/base\n',
    'docker_user: kubespray+buildvmimages\ndocker_host: quay.io\nregistry: quay.io/kubespray\n',
    `images:\n${images.join('\n')}`,
  ].join('\n');
}
