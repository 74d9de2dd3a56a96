/** Words for a build that is another one from time to time. */
const MOVING = ['current', 'latest'];

/** The part of a URL's path with such a word in it, such as `current-10`; `undefined` without one. */
export function findMovingPart(url: string): string | undefined {
  const parts = new URL(url).pathname.split('/');
  return parts.find((part) => {
    const words = part.toLowerCase().split(/[^a-z]+/);
    return words.some((word) => MOVING.includes(word));
  });
}

/**
 * How distributions name one build, after the addresses that Kubespray's image builder has
 * (kubespray, test-infra/image-builder/roles/kubevirt-images/defaults/main.yml).
 */
const ONE_BUILD: Readonly<Record<string, string>> = {
  almalinux: 'repo.almalinux.org/almalinux/9.5/.../AlmaLinux-9-GenericCloud-9.5-20241120...',
  debian: 'cdimage.debian.org/cdimage/cloud/bookworm/20230612-1409/debian-12-generic-amd64-...',
  flatcar: 'stable.release.flatcar-linux.net/amd64-usr/4081.2.1/...',
  rockylinux:
    'download.rockylinux.org/pub/rocky/9.5/.../Rocky-9-GenericCloud-Base-9.5-20241118.0...',
  ubuntu: 'cloud-images.ubuntu.com/noble/20260323/...',
};

/** What such an address looks like, for a remedy. */
export function urlOfOneBuild(distribution: string): string {
  const example = ONE_BUILD[distribution];
  return example === undefined ? 'by its date or its version' : `such as ${example}`;
}
