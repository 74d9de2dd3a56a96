import {
  type Change,
  type Kept,
  type Proposal,
  groupByPlace,
  sharedWithOthers,
  type SharedValue,
} from './changes.ts';
import type { ImagePins } from './read-pins.ts';

const DAY_MS = 86_400_000;

/** Days as `YYYY-MM-DD`, in UTC. */
export interface SnapshotDates {
  readonly today: string;
  /** The day that every snapshot is to have; absent when only their age counts. */
  readonly asked?: string;
}

/** What becomes of the snapshots of the chosen images: moved when asked for, or when one is too old. */
export function refreshSnapshots(
  images: readonly ImagePins[],
  isChosen: (name: string) => boolean,
  { today, asked }: SnapshotDates,
): Proposal {
  const changes: Change[] = [];
  const kept: Kept[] = [];
  const values = groupByPlace(images, isChosen, ({ snapshot }) => snapshot);
  if (asked !== undefined && values.length === 0) {
    const containers = images.filter(({ base }) => base !== undefined);
    kept.push({ kind: 'snapshot', ...NO_SNAPSHOT, images: containers.map(({ name }) => name) });
  }
  for (const value of values) {
    const { written, names } = value;
    const to = asked ?? today;
    const why = asked === undefined ? tooOld(value, isChosen, today) : 'asked for';
    if (why === undefined || written.value === to) continue;
    const subject = { kind: 'snapshot', written, images: names } as const;
    if (!value.isOthersToo) {
      changes.push({ ...subject, replacement: to, from: written.value, to, why });
    } else if (asked !== undefined) {
      kept.push({ ...subject, ...sharedWithOthers(value, isChosen) });
    }
  }
  return { changes, kept };
}

const NO_SNAPSHOT = {
  code: 'NO_SNAPSHOT',
  problem: 'no image has a snapshot that could be moved',
  remedy: 'write snapshot: YYYY-MM-DD in the defaults or at an image',
};

function tooOld(
  { written, users }: SharedValue,
  isChosen: (name: string) => boolean,
  today: string,
): string | undefined {
  const age = (Date.parse(today) - Date.parse(written.value)) / DAY_MS;
  const limits = users
    .filter(({ name }) => isChosen(name))
    .map(({ snapshotMaxAge = Infinity }) => snapshotMaxAge);
  const limit = Math.min(...limits);
  return age > limit ? `${age} days old, and ${limit} are allowed` : undefined;
}
