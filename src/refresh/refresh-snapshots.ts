import {
  groupByPlace,
  sharedWithOthers,
  type Change,
  type IsChosen,
  type NotRefreshed,
  type Reason,
  type RefreshResult,
  type SharedValue,
} from './changes.ts';
import type { ImagePins } from './read-pins.ts';

const DAY_MS = 86_400_000;

/** Days as `YYYY-MM-DD`, in UTC. */
export interface SnapshotDates {
  readonly today: string;
  /** The day for every snapshot; absent when only their age counts. */
  readonly asked?: string;
}

/** Moves the snapshots of the chosen images to the day that was asked for, or else those that are too old. */
export function refreshSnapshots(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  { today, asked }: SnapshotDates,
): RefreshResult {
  const changes: Change[] = [];
  const kept: NotRefreshed[] = [];
  const values = groupByPlace(images, isChosen, ({ snapshot }) => snapshot);
  if (asked !== undefined && values.length === 0) {
    const containers = images.filter(({ base }) => base !== undefined);
    kept.push({ kind: 'snapshot', ...NO_SNAPSHOT, images: containers.map(({ name }) => name) });
  }
  const to = asked ?? today;
  for (const value of values) {
    const { written, names, others } = value;
    const from = written.value;
    const why = asked === undefined ? tooOld(value, isChosen, today) : 'asked for';
    if (why === undefined || from === to) continue;
    const subject = { kind: 'snapshot', written, images: names } as const;
    if (others.length === 0) changes.push({ ...subject, replacement: to, from, to, why });
    else if (asked !== undefined) kept.push({ ...subject, ...sharedWithOthers(value) });
  }
  return { changes, kept };
}

const NO_SNAPSHOT: Reason = {
  code: 'NO_SNAPSHOT',
  problem: 'no image has a snapshot that could be moved',
  remedy: 'write snapshot: YYYY-MM-DD in the defaults or at an image',
};

function tooOld(
  { written, users }: SharedValue,
  isChosen: IsChosen,
  today: string,
): string | undefined {
  const age = (Date.parse(today) - Date.parse(written.value)) / DAY_MS;
  const chosen = users.filter(({ name }) => isChosen(name));
  const limit = Math.min(...chosen.map(({ snapshotMaxAge = Infinity }) => snapshotMaxAge));
  return age > limit ? `${age} days old, and ${limit} are allowed` : undefined;
}
