import { isDeepStrictEqual } from 'node:util';
import { evaluatePolicies } from '../../infra/sandbox/emulators/google/evaluate-policies.ts';
import { isAttachment } from '../../src/retention/attachments.ts';
import { isMember } from '../../src/retention/members.ts';
import type { RegistryPolicy } from '../../src/retention/evaluate-policies.ts';
import { forecast } from '../../src/retention/forecast.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { Broken } from './broken.ts';
import { run, tell, type Event, type History } from './history.ts';
import { referencesOf } from './reading.ts';
import { inEmulator } from './up.ts';
import { OF_CATALOG } from './world.ts';

/** Google's clean-up, mostly after a night's run, when it deletes what a forecast after that run names. */
export function cleanUp(a: number): Event {
  return async (history) => {
    const { truth } = history;
    if (a % 3 === 0) {
      deleteOutdated(history);
      return true;
    }
    const result = await run(history, "the night's run before the clean-up", { refresh: true });
    truth.check();
    const isWhole = result.refused === undefined && result.failures.length === 0;
    const going = isWhole ? forecastNow(history) : undefined;
    const newest =
      isWhole && history.world.registry.removal === 'tag' ? newestPublications(history) : [];
    const deleted = deleteOutdated(history);
    const lost = newest.find(
      ({ packageName, digest }) => !history.world.registry.has(packageName, digest),
    );
    if (lost !== undefined) throw new Broken(`${truth.name(lost.digest)} goes, which is new`);
    if (going === undefined) return true;
    const surprise = deleted.find((name) => !going.has(name));
    if (surprise !== undefined) throw new Broken(`${surprise} goes, and the forecast kept it`);
    // An attachment of a version that has gone may stay until the next run, and a member goes after its index.
    const stays = [...going].find(
      ([name, version]) =>
        !deleted.includes(name) &&
        !truth.isUnknown(name) &&
        !isAttachment(version) &&
        !isMember(version),
    )?.[0];
    if (stays !== undefined) throw new Broken(`${stays} stays, and the forecast let it go`);
    return true;
  };
}

/** The newest publications of each image, with all that they name. */
function newestPublications({ world: { registry, retention } }: History) {
  const versions = registry.versions();
  const publications = versions.filter((each) => !isMember(each) && !isAttachment(each));
  return [...Map.groupBy(publications, ({ packageName }) => packageName).values()].flatMap(
    (ofImage) => {
      const byAge = ofImage.toSorted((a, b) => b.uploadedAt.getTime() - a.uploadedAt.getTime());
      return byAge
        .slice(0, retention.keepNewest)
        .flatMap((newest) => [
          newest,
          ...versions.filter(({ indexes }) => indexes.includes(newest.digest)),
        ]);
    },
  );
}

/** The versions that `images retention` would say go, by name; `undefined` where it would say nothing. */
function forecastNow({ world, truth }: History): ReadonlyMap<string, HeldVersion> | undefined {
  const now = new Date(world.now);
  const { registry, retention } = world;
  try {
    const references = referencesOf(world);
    const versions = registry.versions();
    const known = { versions, live: world.policies, retention, references };
    const made = forecast({ ...known, now, at: now, ofCatalog: OF_CATALOG });
    // A registry that does not list its manifests does not say when attachments came. Google's, which has policies, does.
    const newest = [made.policies, world.policies].map((all) => all.find(isNewest));
    if (registry.removal !== 'tag' && !isDeepStrictEqual(newest[0], newest[1])) return undefined;
    const going = made.versions.filter(({ verdict }) => verdict === 'delete');
    return new Map(going.map(({ version }) => [truth.name(version.digest), version]));
  } catch {
    return undefined;
  }
}

function isNewest({ mostRecentVersions }: RegistryPolicy): boolean {
  return mostRecentVersions !== undefined;
}

/** Google's clean-up; returns the names of what it deletes. */
function deleteOutdated(history: History): readonly string[] {
  const { world, truth } = history;
  const subjects = world.registry.versions().map((version) => ({
    ...version,
    versionName: version.digest,
    uploaded: version.uploadedAt.getTime(),
    children: version.members.map(({ digest }) => digest),
  }));
  const decisions = evaluatePolicies(inEmulator(world.policies), subjects, world.now);
  const deleted = decisions.flatMap(({ action, version }) => {
    if (action !== 'DELETE') return [];
    world.registry.lose(version.packageName, version.digest);
    return truth.name(version.digest);
  });
  tell(history, `the clean-up deletes ${deleted.join(', ') || 'nothing'}`);
  return deleted;
}
