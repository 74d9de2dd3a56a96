import { describe, expect, test } from 'vitest';
import { catalogOf, CHECKOUT, imagesOf, problemsOf } from './checkout.ts';

/**
 * Kubespray's keys, and what it makes them of (kubespray 46dbdd3994b3, 2026-08-21,
 * test-infra/image-builder/roles/kubevirt-images/defaults/main.yml). Where `named` is set, the name is
 * not `vm-<distribution>-<version without dots>` and must be written.
 */
const DISKS: readonly {
  key: string;
  distribution: string;
  version: string;
  url: string;
  named?: true;
}[] = [
  {
    key: 'almalinux-8',
    distribution: 'almalinux',
    version: '8',
    url: 'https://repo.almalinux.org/almalinux/8.9/cloud/x86_64/images/AlmaLinux-8-GenericCloud-8.9-20231128.x86_64.qcow2',
  },
  {
    key: 'almalinux-9',
    distribution: 'almalinux',
    version: '9',
    url: 'https://repo.almalinux.org/almalinux/9.5/cloud/x86_64/images/AlmaLinux-9-GenericCloud-9.5-20241120.x86_64.qcow2',
  },
  {
    key: 'centos-8',
    distribution: 'centos',
    version: '8',
    url: 'http://cloud.centos.org/centos/8/x86_64/images/CentOS-8-GenericCloud-8.3.2011-20201204.2.x86_64.qcow2',
  },
  {
    key: 'debian-10',
    distribution: 'debian',
    version: '10',
    url: 'https://cdimage.debian.org/cdimage/openstack/current-10/debian-10-openstack-amd64.qcow2',
  },
  {
    key: 'debian-11',
    distribution: 'debian',
    version: '11',
    url: 'https://cdimage.debian.org/cdimage/cloud/bullseye/20210814-734/debian-11-generic-amd64-20210814-734.qcow2',
  },
  {
    key: 'debian-12',
    distribution: 'debian',
    version: '12',
    url: 'https://cdimage.debian.org/cdimage/cloud/bookworm/20230612-1409/debian-12-generic-amd64-20230612-1409.qcow2',
  },
  {
    key: 'debian-13',
    distribution: 'debian',
    version: '13',
    url: 'https://cdimage.debian.org/cdimage/cloud/trixie/20250806-2196/debian-13-generic-amd64-20250806-2196.qcow2',
  },
  {
    key: 'fedora-37',
    distribution: 'fedora',
    version: '37',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/37/Cloud/x86_64/images/Fedora-Cloud-Base-37-1.7.x86_64.qcow2',
  },
  {
    key: 'fedora-38',
    distribution: 'fedora',
    version: '38',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/38/Cloud/x86_64/images/Fedora-Cloud-Base-38-1.6.x86_64.qcow2',
  },
  {
    key: 'fedora-39',
    distribution: 'fedora',
    version: '39',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/39/Cloud/x86_64/images/Fedora-Cloud-Base-39-1.5.x86_64.qcow2',
  },
  {
    key: 'fedora-40',
    distribution: 'fedora',
    version: '40',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/40/Cloud/x86_64/images/Fedora-Cloud-Base-Generic.x86_64-40-1.14.qcow2',
  },
  {
    key: 'fedora-41',
    distribution: 'fedora',
    version: '41',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/41/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-41-1.4.x86_64.qcow2',
  },
  {
    key: 'fedora-42',
    distribution: 'fedora',
    version: '42',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/42/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2',
  },
  {
    key: 'fedora-43',
    distribution: 'fedora',
    version: '43',
    url: 'https://download.fedoraproject.org/pub/fedora/linux/releases/43/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2',
  },
  {
    key: 'fedora-coreos',
    distribution: 'fedora-coreos',
    version: '32.20200601.3.0',
    named: true,
    url: 'https://builds.coreos.fedoraproject.org/prod/streams/stable/builds/32.20200601.3.0/x86_64/fedora-coreos-32.20200601.3.0-openstack.x86_64.qcow2.xz',
  },
  {
    key: 'flatcar-4081',
    distribution: 'flatcar',
    version: '4081.2.1',
    named: true,
    url: 'https://stable.release.flatcar-linux.net/amd64-usr/4081.2.1/flatcar_production_kubevirt_image.qcow2',
  },
  {
    key: 'openeuler-2203',
    distribution: 'openeuler',
    version: '22.03',
    url: 'https://mirrors.ocf.berkeley.edu/openeuler/openEuler-22.03-LTS-SP4/virtual_machine_img/x86_64/openEuler-22.03-LTS-SP4-x86_64.qcow2.xz',
  },
  {
    key: 'openeuler-2403',
    distribution: 'openeuler',
    version: '24.03',
    url: 'https://mirrors.ocf.berkeley.edu/openeuler/openEuler-24.03-LTS/virtual_machine_img/x86_64/openEuler-24.03-LTS-x86_64.qcow2.xz',
  },
  {
    key: 'opensuse-leap-15',
    distribution: 'opensuse-leap',
    version: '15.3',
    named: true,
    url: 'https://download.opensuse.org/repositories/Cloud:/Images:/Leap_15.3/images/openSUSE-Leap-15.3.x86_64-1.0.1-NoCloud-Build2.63.qcow2',
  },
  {
    key: 'opensuse-leap-15-6',
    distribution: 'opensuse-leap',
    version: '15.6',
    named: true,
    url: 'https://download.opensuse.org/repositories/Cloud:/Images:/Leap_15.6/images/openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2',
  },
  {
    key: 'oracle-7',
    distribution: 'oracle',
    version: '7.6',
    named: true,
    url: 'https://storage.googleapis.com/born-images/oracle76/oracle-linux-76.qcow2',
  },
  {
    key: 'rockylinux-10',
    distribution: 'rockylinux',
    version: '10',
    url: 'https://download.rockylinux.org/pub/rocky/10.0/images/x86_64/Rocky-10-GenericCloud-Base-10.0-20250609.1.x86_64.qcow2',
  },
  {
    key: 'rockylinux-8',
    distribution: 'rockylinux',
    version: '8',
    url: 'https://download.rockylinux.org/pub/rocky/8.6/images/Rocky-8-GenericCloud-8.6-20220515.x86_64.qcow2',
  },
  {
    key: 'rockylinux-9',
    distribution: 'rockylinux',
    version: '9',
    url: 'https://download.rockylinux.org/pub/rocky/9.5/images/x86_64/Rocky-9-GenericCloud-Base-9.5-20241118.0.x86_64.qcow2',
  },
  {
    key: 'ubuntu-2004',
    distribution: 'ubuntu',
    version: '20.04',
    url: 'https://cloud-images.ubuntu.com/focal/current/focal-server-cloudimg-amd64-disk-kvm.img',
  },
  {
    key: 'ubuntu-2204',
    distribution: 'ubuntu',
    version: '22.04',
    url: 'https://cloud-images.ubuntu.com/jammy/current/jammy-server-cloudimg-amd64-disk-kvm.img',
  },
  {
    key: 'ubuntu-2404',
    distribution: 'ubuntu',
    version: '24.04',
    url: 'https://cloud-images.ubuntu.com/noble/20260323/noble-server-cloudimg-amd64.img',
  },
];

function checkoutWith(
  { key, distribution, version, url, named }: (typeof DISKS)[number],
  at: number,
) {
  const lines = [
    'images:',
    '  - kind: vm-disk',
    `    distribution: ${distribution}`,
    `    version: "${version}"`,
    `    url: ${url}`,
    `    checksum: sha256:${String(at).padStart(64, '0')}`,
    ...(named === true ? [`    name: vm-${key}`] : []),
    ...(url.endsWith('.xz') ? ['    packing: xz'] : []),
  ];
  return { ...CHECKOUT, ...catalogOf(lines.join('\n')) };
}

/** Upstream's own addresses of whatever is newest: they need one of a build. */
const MOVING = ['debian-10', 'ubuntu-2004', 'ubuntu-2204'];

describe("each of Kubespray's disks", () => {
  test.each(
    DISKS.filter(({ key }) => !MOVING.includes(key)).map((disk, at) => ({
      disk,
      at,
      key: disk.key,
    })),
  )('$key can be declared as it is, under the name that the key gives', ({ disk, at, key }) => {
    expect(imagesOf(checkoutWith(disk, at)).map(({ name }) => name)).toEqual([`vm-${key}`]);
  });

  test.each(
    DISKS.filter(({ key }) => MOVING.includes(key)).map((disk) => ({ disk, key: disk.key })),
  )('$key has an address that moves, which is its only mistake', ({ disk }) => {
    expect(problemsOf(checkoutWith(disk, 0)).map(({ code }) => code)).toEqual(['MOVING_URL']);
  });
});
