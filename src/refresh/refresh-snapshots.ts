import {
  groupByPlace,
  sharedWithOthers,
  type IsChosen,
  type ValueOutcome,
  type KeptReason,
  type SharedValue,
} from './edits.ts';
import type { ImagePins } from './read-pins.ts';
import { DAY_MS } from '../dates.ts';

/** Days as `YYYY-MM-DD`, in UTC. */
export interface SnapshotDates {
  readonly today: string;
  /** The new day of every snapshot; absent when only their age counts. */
  readonly moveTo?: string;
}

/** Moves the snapshots of the chosen images to `moveTo`, or else those that are too old to today. */
export function refreshSnapshots(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  { today, moveTo }: SnapshotDates,
): readonly ValueOutcome[] {
  const values = groupByPlace(images, isChosen, ({ snapshot }) => snapshot);
  if (moveTo !== undefined && values.length === 0) {
    const names = images.filter(({ base }) => base !== undefined).map(({ name }) => name);
    return [{ kind: 'snapshot', images: names, ...NO_SNAPSHOT }];
  }
  const to = moveTo ?? today;
  return values.flatMap((value): readonly ValueOutcome[] => {
    const { written, names, others } = value;
    const from = written.value;
    const why = moveTo === undefined ? tooOld(value, isChosen, today) : 'requested';
    if (why === undefined || from === to) return [];
    const subject = { kind: 'snapshot', written, images: names } as const;
    if (others.length === 0) return [{ ...subject, replacement: to, from, to, why }];
    return moveTo === undefined ? [] : [{ ...subject, ...sharedWithOthers(value) }];
  });
}

const NO_SNAPSHOT: KeptReason = {
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
