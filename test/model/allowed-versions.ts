import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import type { Retention } from '../../src/retention/retention.ts';
import type { World } from './world.ts';

/**
 * The allowed versions, by the retention file as it is and as it was at the last run, `applied`. Not the copies that go
 * with a tag: a killed run may have left one, and they have no name.
 */
export function allowedVersions(
  { retention, registry, names }: World,
  applied: Retention,
): readonly HeldVersion[] {
  const texts = new Set(applied.allow.map((entry) => JSON.stringify(entry)));
  const both = retention.allow.filter((entry) => texts.has(JSON.stringify(entry)));
  return registry
    .versions()
    .filter(({ digest }) => names.has(digest))
    .filter(({ packageName, digest, tags }) =>
      both.some(
        (entry) =>
          entry.image === packageName &&
          (entry.digest ?? digest) === digest &&
          (entry.tag === undefined || tags.includes(entry.tag)),
      ),
    );
}
