import { isAttachment, isPublication, ownerFinder } from './attachments.ts';
import type { Forecast, VersionForecast } from './forecast.ts';
import { isMember, nameOf } from './members.ts';
import type { HeldVersion } from './resolve-needs.ts';
import { compareTexts } from '../compare-texts.ts';

/** Percent: of a clean-up that deletes a quarter of what there is, somebody should have read the forecast. */
export const MOST_DELETED = 25;

/** A version to delete, and why. */
interface Deletion {
  readonly version: HeldVersion;
  readonly role: 'publication' | 'member' | 'attachment';
  readonly reason: string;
}

/** A publication with what goes with it, in an order in which every registry deletes it. */
export interface DeletionUnit {
  readonly image: string;
  readonly root: HeldVersion;
  readonly deletions: readonly Deletion[];
}

/**
 * What the forecast deletes, and nothing else: `units`, one after the other, the oldest of each image first. `most` is
 * how many of the `publications` one run may delete: the share `mostPercent`, and always one.
 */
export function planCleanUp({ versions }: Pick<Forecast, 'versions'>, mostPercent: number) {
  const going = versions.filter(({ verdict }) => verdict === 'delete');
  const ownersOf = ownerFinder(versions.map(({ version }) => version));
  const isGoing = new Set(going.map(({ version }) => version));
  const roots = going.filter(({ version }) => !ownersOf(version).some((own) => isGoing.has(own)));
  const ordered = roots.toSorted(byImageAndAge);
  const positionOf = new Map(ordered.map(({ version }, position) => [version, position]));
  // A member of several indexes goes with the last of them.
  const rootOf = ({ version }: VersionForecast): number => {
    const positions = ownersOf(version).map((owner) => positionOf.get(owner) ?? -1);
    return Math.max(positionOf.get(version) ?? -1, ...positions);
  };
  const groups = Map.groupBy(going, rootOf);
  const units = [...groups]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([position, all]): readonly DeletionUnit[] => {
      const root = (ordered[position] ?? all[0])?.version;
      if (root === undefined) return [];
      return [{ image: root.packageName, root, deletions: inOrder(all) }];
    });
  // What others have published may never go.
  const publications = versions.filter(
    ({ version, verdict }) =>
      isPublication(version) && (verdict === 'delete' || version.isTimeUnknown !== true),
  ).length;
  const most = Math.max(1, Math.floor((publications * mostPercent) / 100));
  return { units, publications, most };
}

/** How many publications the units delete. */
export function countPublications(units: readonly DeletionUnit[]): number {
  const deletions = units.flatMap((unit) => unit.deletions);
  return deletions.filter(({ role }) => role === 'publication').length;
}

function byImageAndAge({ version: a }: VersionForecast, { version: b }: VersionForecast): number {
  return (
    compareTexts(a.packageName, b.packageName) ||
    a.uploadedAt.getTime() - b.uploadedAt.getTime() ||
    compareTexts(a.digest, b.digest)
  );
}

/**
 * Attachments go before what they are about, so that what an interruption leaves is found again, and indexes before
 * their members, which some registries do not delete earlier.
 */
function inOrder(all: readonly VersionForecast[]): readonly Deletion[] {
  const byName = new Map(all.map((one) => [nameOf(one.version), one]));
  const ordered: Deletion[] = [];
  const seen = new Set<VersionForecast>();
  const ownersOf = ownerFinder(all.map(({ version }) => version));
  const attachmentsOf = (subject: HeldVersion) =>
    all.filter(({ version }) => !isMember(version) && ownersOf(version).includes(subject));
  const visit = (one: VersionForecast): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const { version, reasons } = one;
    for (const digest of version.indexes ?? []) {
      const index = byName.get(nameOf({ ...version, digest }));
      if (index !== undefined) visit(index);
    }
    for (const attachment of attachmentsOf(version)) visit(attachment);
    ordered.push({ version, role: roleOf(version), reason: reasons[0]?.text ?? '' });
  };
  for (const one of all) visit(one);
  return ordered;
}

function roleOf(version: HeldVersion): Deletion['role'] {
  if (isMember(version)) return 'member';
  return isAttachment(version) ? 'attachment' : 'publication';
}
