import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { catalogOf, CHECKOUT, type Files } from './checkout.ts';

const Disk = z.object({
  /** As Kubespray's CI names it, such as `ubuntu-2404`. */
  key: z.string(),
  distribution: z.string(),
  version: z.string(),
  url: z.string(),
  checksum: z.string(),
});
export type Disk = z.infer<typeof Disk>;

/**
 * The disks that Kubespray declares with an address and a checksum, as it does (kubespray 46dbdd3994b3,
 * 2026-08-21, test-infra/image-builder/roles/kubevirt-images/defaults/main.yml).
 */
export const KUBESPRAY_DISKS: readonly Disk[] = z
  .array(Disk)
  .parse(
    JSON.parse(readFileSync(new URL('fixtures/kubespray-disks.json', import.meta.url), 'utf8')),
  );

/** Upstream's own addresses of whatever is newest: they need one of a build. */
export const MOVING_KEYS: readonly string[] = ['debian-10', 'ubuntu-2004', 'ubuntu-2204'];

/** Those that can be declared as they are. */
export const STEADY_DISKS: readonly Disk[] = KUBESPRAY_DISKS.filter(
  ({ key }) => !MOVING_KEYS.includes(key),
);

/** The names that don't follow from distribution and version. */
const NAMED = [
  'fedora-coreos',
  'flatcar-4081',
  'opensuse-leap-15',
  'opensuse-leap-15-6',
  'oracle-7',
];

/** A checkout whose catalog has these disks and nothing else. */
export function checkoutWith(disks: readonly Disk[]): Files {
  const images = disks.map(({ key, distribution, version, url, checksum }) => ({
    ...{ kind: 'vm-disk', distribution, version, url, checksum },
    ...(NAMED.includes(key) && { name: `vm-${key}` }),
    ...(url.endsWith('.xz') && { packing: 'xz' }),
  }));
  // JSON is YAML.
  return { ...CHECKOUT, ...catalogOf(JSON.stringify({ images })) };
}
