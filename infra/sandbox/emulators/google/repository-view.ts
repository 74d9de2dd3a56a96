import { placeOf, type Repository } from './repository.ts';
import type { World } from './world.ts';

/** A repository as Google answers it: with the full name, and the id in each policy. */
export function viewRepository(
  { registry, inventory }: World,
  name: string,
  stored: Repository,
): object {
  const { cleanupPolicies, vulnerabilityScanningConfig: scanning, ...repository } = stored;
  const place = placeOf(name);
  const policies = Object.entries(cleanupPolicies ?? {});
  return {
    ...repository,
    name,
    ...(policies.length > 0 && {
      cleanupPolicies: Object.fromEntries(
        policies.map(([key, policy]) => [key, { ...policy, id: key }]),
      ),
    }),
    sizeBytes: String(inventory.size(place)),
    // Google's is the host of the location: here, images are where the registry is.
    registryUri: `${registry}/${place.project}/${place.repository}`,
    vulnerabilityScanningConfig: {
      ...(scanning?.enablementConfig && { enablementConfig: scanning.enablementConfig }),
      enablementState: 'SCANNING_DISABLED',
      enablementStateReason: 'The emulator does not scan.',
    },
  };
}
