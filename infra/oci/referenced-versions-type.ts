import { isDeepStrictEqual } from 'node:util';
import {
  addDigests,
  changeNeeds,
  endGrace,
  keptDigests,
  keyOf,
  markerPlace,
  NONE_TRACKED,
  type NeededVersion,
  type TrackedVersions,
  type UnreferencedVersion,
} from '../../src/branches/grace-period.ts';
import type { Digest } from '../../src/image-reference.ts';
import { isRefusal, unlessHidden } from '../../src/registry/registry-error.ts';
import { attachmentProperties, attachmentsOf, withAttached } from './attachments.ts';
import type { Properties, ResourceType } from './protocol/resource-type.ts';
import { branchFailures, branchNews, changedKeys } from './branch-records.ts';
import { openVersions, type ReferencedVersionsWorld } from './open-versions.ts';
import {
  compareVersions,
  lookUpVersions,
  removeAliases,
  restoreTags,
  writeMarkers,
} from './versions-in-registry.ts';
import { digestsOf, inputsOf, outputsOf, propertiesOf, trackedOf } from './referenced-state.ts';

/**
 * `oci:index:ReferencedVersions`: which versions the supported branches need, and which they needed until less
 * than the grace period ago. Clean-up policies keep its `digests`, and aliases follow its `pins`.
 *
 * When the last reference of a version goes, an update writes a marker tag at it (`graceMarker`), for people
 * and for a state that was lost. So does a creation, at what the aliases in the registry name. When the grace
 * period is over, an update removes the aliases of branches that no longer need the image. It puts back immutable
 * tags that name another version than before. What the resource has tracked is deleted with the stack; versions and
 * markers stay.
 */
export function referencedVersionsType(world: ReferencedVersionsWorld): ResourceType {
  const { now } = world;
  const open = (properties: Properties, signal: AbortSignal) =>
    openVersions(properties, world, signal);

  /** Whether the registry has a version by now that it did not have before. */
  async function isFoundLate(
    tracked: TrackedVersions,
    properties: Properties,
    signal: AbortSignal,
  ) {
    if (!isIncomplete(tracked)) return false;
    const { repositories } = await open(properties, signal);
    const look = async () => (await lookUpVersions(tracked, repositories)).size > 0;
    return unlessHidden(look, () => false);
  }

  return {
    check: ({ olds = {}, news }) => ({ inputs: news, failures: branchFailures(olds, news) }),

    async diff({ oldInputs, oldOutputs, news, signal }) {
      const unequal = Object.keys(news).filter(
        (key) => !isDeepStrictEqual(oldInputs[key], news[key]),
      );
      // A state from before lacks `keep`. The next refresh finds what belongs to it.
      const isFirst = oldInputs['keep'] === undefined;
      const keys = changedKeys(unequal, oldInputs, news).filter(
        (key) => key !== 'keep' || !isFirst,
      );
      const replaces = keys.filter((key) => key === 'registry' || key === 'repositoryPrefix');
      if (keys.length > 0) return { changed: keys, replaces };
      const tracked = trackedOf(oldOutputs);
      const { gracePeriod } = inputsOf(news);
      const needed = keptDigests(tracked, gracePeriod, now(), digestsOf(oldOutputs));
      const digests = withAttached(needed, attachmentsOf(oldOutputs));
      const isDue = !isDeepStrictEqual(oldOutputs['digests'], digests);
      const { tracked: after, ended } = endGrace(tracked, gracePeriod, now());
      const isEnding = hasNewEnd(tracked.unreferenced, after.unreferenced);
      const isLeaving = ended.length > 0 || hasNewEnd(tracked.formerAliases, after.formerAliases);
      // A read ahead of the program may have had no login: a version that is found only now needs an update.
      const isLate = await isFoundLate(tracked, news, signal);
      const changed = [
        isDue && 'digests',
        isEnding && 'unreferenced',
        isLeaving && 'formerPins',
        isLate && 'versions',
      ];
      return { changed: changed.filter((property) => property !== false) };
    },

    async create({ inputs: properties, preview, log, signal }) {
      const inputs = await open(properties, signal);
      const { registry, repositoryPrefix, gracePeriod, needs, repositories } = inputs;
      const tracked = changeNeeds(NONE_TRACKED, needs, now());
      const restore = () => inputs.restore(tracked, log);
      // A registry that is yet to be made may refuse a preview; a run that acts makes it first.
      const known = preview ? await unlessRefused(restore, tracked) : await restore();
      const restored = endGrace(known, gracePeriod, inputs.time()).tracked;
      if (!preview) await writeMarkers(restored.unreferenced, repositories);
      const look = () => inputs.attachmentsFor(restored, {});
      const attachments = preview ? await unlessRefused(look, attachmentsOf({})) : await look();
      const outputs = outputsOf(properties, restored, attachments, {
        now: inputs.time(),
        olds: {},
      });
      return { id: `${registry}/${repositoryPrefix}`, outputs };
    },

    async read({ inputs: properties, outputs, signal }) {
      const { learn, attachmentsFor } = await open(properties, signal);
      const before = trackedOf(outputs);
      // The engine may read before the program has logged in; `diff` looks again afterwards.
      const { known, overwritten } = await unlessRefused(() => learn(before, properties), {
        known: before,
        overwritten: [],
      });
      const look = () => attachmentsFor(known, outputs);
      const attachments = await unlessRefused(look, attachmentsOf(outputs));
      const found = { ...propertiesOf(known), ...attachmentProperties(attachments) };
      return {
        // In the inputs too: the next run compares them with the program's, and so puts the tags back.
        inputs: withoutNeeds(properties, overwritten),
        // The digests stay as they are: only an update changes which versions policies keep.
        outputs: { ...outputs, ...found },
      };
    },

    async update({ oldInputs, oldOutputs, news, preview, log, signal }) {
      const opened = await open(news, signal);
      const { gracePeriod, needs, repositories, startOf, time, learn, attachmentsFor } = opened;
      const until = new Date(now().getTime() + gracePeriod * 1000);
      for (const line of branchNews(oldInputs, news, until)) log('info', line);
      // A version that was needed until now and is found only now must have its grace period, too.
      const olds = trackedOf(oldOutputs);
      const { known: before } = await unlessHidden(
        () => learn(olds, oldInputs),
        () => ({ known: olds }),
      );
      const change = changeNeeds(before, needs, startOf(before));
      // Before anything is written: this fails where the registry does not say what is needed now.
      const late = await unlessHidden(
        () => lookUpVersions(change, repositories),
        () => new Map<string, Digest>(),
      );
      const changed = addDigests(change, late, now());
      const { tracked, ended } = endGrace(changed, gracePeriod, time());
      const attachments = await unlessHidden(
        () => attachmentsFor(tracked, oldOutputs),
        () => attachmentsOf(oldOutputs),
      );
      if (!preview) {
        const { overwritten } = await compareVersions(tracked, repositories);
        await restoreTags(overwritten, repositories, log);
        await writeMarkers(tracked.unreferenced, repositories);
        const known = new Set(before.unreferenced.map(markerPlace));
        for (const version of tracked.unreferenced) {
          const { image, digest } = version;
          if (!known.has(markerPlace(version)))
            log('info', `${image}@${digest} is no longer needed: it stays for the grace period`);
        }
        await removeAliases(ended, opened, repositories, log);
      }
      return outputsOf(news, tracked, attachments, { now: time(), olds: oldOutputs });
    },

    refreshBeforeUpdate: (outputs) => isIncomplete(trackedOf(outputs)),
  };
}

async function unlessRefused<Result>(
  learn: () => Promise<Result>,
  otherwise: Result,
): Promise<Result> {
  try {
    return await learn();
  } catch (error) {
    if (isRefusal(error)) return otherwise;
    throw error;
  }
}

/** Whether a run has to record that a grace period is over. */
function hasNewEnd(
  before: readonly UnreferencedVersion[],
  after: readonly UnreferencedVersion[],
): boolean {
  const known = new Set(before.map(({ endedAt }) => endedAt));
  return after.some(({ endedAt }) => endedAt !== undefined && !known.has(endedAt));
}

/** The inputs without these needs. */
function withoutNeeds(properties: Properties, absent: readonly NeededVersion[]): Properties {
  if (absent.length === 0) return properties;
  const left = new Set(absent.map(keyOf));
  const needs: Record<string, Record<string, string>> = {};
  for (const need of inputsOf(properties).needs) {
    if (!left.has(keyOf(need))) (needs[need.image] ??= {})[need.alias] = need.tag ?? '';
  }
  return { ...properties, needs };
}

function isIncomplete({ versions }: TrackedVersions): boolean {
  return versions.some(({ digest }) => digest === undefined);
}
