import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../src/image-reference.ts';
import { RegistryError, unlessHidden } from '../../src/registry/registry-error.ts';
import { BUILD_INPUTS, type BuildInputs, changedInputs } from '../../src/tag/build-inputs.ts';
import type { Connect } from './connect.ts';
import type { CopySource } from './copy-source.ts';
import {
  checkBase,
  isSettled,
  lookUp,
  NOTHING,
  platformTags,
  type Place,
} from './look-up-publication.ts';
import type { Signing } from './signing.ts';
import {
  isObject,
  UNKNOWN,
  type Call,
  type Log,
  type Properties,
  type ResourceType,
} from './protocol/resource-type.ts';
import { changedPlace, digestOf, openTag, pointTag, textOf, waysOut } from './tagged-place.ts';

/** What the publication takes from the world. */
interface PublicationWorld {
  readonly connect: Connect;
  readonly signing: Signing;
  readonly now: () => Date;
  /** Eight hexadecimal digits. */
  readonly random: () => string;
}

/** An input that only a refresh sets, so that the next run finds a difference from the program's. */
const FOUND_INSTEAD = 'foundInstead';

/** An input that a refresh sets where it adopts: it knows the rules of the run before, and not those of the next. */
const FOUND_BY_REFRESH = 'foundByRefresh';

/** The inputs that say which images are adopted beside those whose labels do. */
const RULES: readonly string[] = ['adopt', 'signers'];

/** The origin of an image at its first publication; a later value is not a change. */
const PROVENANCE: readonly string[] = ['revision', 'pipeline', 'source'];

/**
 * `oci:index:Publication`: whether an immutable tag is published, and so whether to build it or to adopt it. For one
 * that is not, it looks for the images of its platforms, by their own tags: those that are there are not built again.
 * With the input `from`, nothing is built: it copies the images of the platforms from there, byte for byte. A published
 * copy sends no request to its source.
 *
 * Its one other write puts back a tag that was overwritten. Published images stay when it is deleted.
 *
 * An image that is there at the creation is adopted when its label names the tag, or when the input `adopt` has
 * its digest; with the input `signers`, only when one of them has signed it, or by `adopt`. So is an image that is
 * found later, for a publication whose build has failed or was not seen to end. What a refresh has found is judged again
 * when `adopt` or `signers` have changed since.
 *
 * When the tag changes, the difference names the build inputs that changed, by their hashes in the state.
 *
 * A registry whose `registryId` is unknown is about to be created, and gets no request: for a repository that
 * does not exist, some registries respond as for a missing permission.
 *
 * Outputs beside the inputs: `published`, `digest` (empty while not published), `members` (platform → digest),
 * `attested` of a copy, and `created`, the time of the first publication. Every creation has another id: when an image
 * vanished from the registry, the publication is created anew, and the image whose `replacementTrigger` is the id is built
 * again.
 */
export function publicationType({ connect, signing, now, random }: PublicationWorld): ResourceType {
  /** Loaded with the first copy: most stacks have none. */
  let copier: Promise<CopySource> | undefined;
  const loadCopier = async () => (await import('./copy-source.ts')).sourceCopier(connect);

  /** False only where the registry says that the tag is missing. */
  async function mayBeThere(properties: Properties, signal: AbortSignal): Promise<boolean> {
    try {
      const { tag, wholeAt } = await openTag(connect, properties, signal);
      return (await wholeAt(tag)) !== undefined;
    } catch (error) {
      if (error instanceof RegistryError) return true;
      throw error;
    }
  }

  /** A preview plans the build of what the registry hides. */
  const lookUpOrPlan = (
    place: Place,
    inputs: Properties,
    { log, outputs }: { readonly log: Log; readonly outputs?: Properties },
  ) =>
    unlessHidden(
      () => lookUp(place, signing, inputs, outputs),
      ({ message }) => {
        const plan = `this preview takes ${place.name} for an image that is not published`;
        log(
          'warning',
          `${plan}; the run that publishes asks again, with the right to push. ${message}`,
        );
        return NOTHING;
      },
    );

  /** Whether this run finds what the state has. */
  async function isFound(outputs: Properties, news: Properties, signal: AbortSignal) {
    const { digest, members } = outputs;
    try {
      const place = await openTag(connect, news, signal);
      const found = await lookUp(place, signing, news, outputs);
      return found.digest === digest && isDeepStrictEqual(found.members, members);
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
  }

  /** What a copy has of its source before it is published. */
  async function copied(place: Place, inputs: Properties, call: CopyCall) {
    if (textOf(inputs, 'from') === '') return {};
    const copySource = await (copier ??= loadCopier());
    return copySource(place, inputs, Object.keys(platformTags(inputs)), call);
  }

  return {
    check({ olds, news }) {
      if (olds === undefined || changedPlace(olds, news).length > 0) return { inputs: news };
      const first = Object.entries(olds).filter(([name]) => PROVENANCE.includes(name));
      return { inputs: { ...news, ...Object.fromEntries(first) } };
    },

    async diff({ oldInputs, oldOutputs, news, signal }) {
      const replaces = changedPlace(oldInputs, news);
      if (replaces.length === 0) {
        // The engine has read the resource by now, except with PULUMI_RUN_PROGRAM, and in vain without a
        // login. It also requests the difference right after a read that failed: only `update` reports that.
        const isThere = isPending(oldOutputs) && (await mayBeThere(oldInputs, signal));
        if (isThere) return { changed: ['published'] };
        if (FOUND_INSTEAD in oldInputs) return { changed: [FOUND_INSTEAD] };
        const rules = changedRules(oldInputs, oldOutputs, news);
        if (rules.length === 0 || (await isFound(oldOutputs, news, signal))) return { changed: [] };
        return { changed: rules };
      }
      const why = changedInputs(buildInputsOf(oldInputs), buildInputsOf(news));
      return { changed: [...replaces, ...why.map((name) => `inputs.${name}`)], replaces };
    },

    async create({ inputs, signal, log, preview }) {
      const created = `${now().toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
      const place = await openTag(connect, inputs, signal);
      const isNew = inputs['registryId'] === UNKNOWN;
      const found = isNew ? NOTHING : await lookUpOrPlan(place, inputs, { log });
      if (!found.published) await checkBase(connect, inputs, signal);
      const parts = found.published ? {} : await copied(place, inputs, { signal, log, preview });
      return {
        id: `${place.name}#${random()}`,
        outputs: { ...inputs, ...found, ...parts, created },
      };
    },

    async update({ oldInputs, oldOutputs, news, preview, log, signal }) {
      const place = await openTag(connect, news, signal);
      const look = async () => {
        const now = await lookUpOrPlan(place, news, { log, outputs: oldOutputs });
        const parts = now.published ? {} : await copied(place, news, { signal, log, preview });
        return { ...undrifted(oldOutputs), ...news, ...now, ...parts };
      };
      const isOpen = changedRules(oldInputs, oldOutputs, news).length > 0;
      const before = isOpen ? undefined : digestOf(oldOutputs);
      if (before === undefined) return look();
      const found = await place.wholeAt(place.tag);
      if (found !== undefined && news['adopt'] === found) return look();
      const isLost = (await place.wholeAt(before)) === undefined;
      if (isLost && found !== undefined) throw overwritten(place, before, found);
      if (!preview) await pointTag(place.client, place.repository, place.tag, before);
      return { ...undrifted(oldOutputs), ...news };
    },

    /**
     * The digest of before stays: consumers have pinned it. A tag that names another one, or none while the
     * digest can be pulled, is drift, which `update` puts back: an error here would stop all of CI for one
     * image, and "gone" would build another digest under a tag that must not move.
     */
    async read({ inputs, outputs, signal }) {
      try {
        const place = await openTag(connect, inputs, signal);
        const { tag, wholeAt } = place;
        const before = digestOf(outputs);
        if (before !== undefined && (await isSettled(place, before, outputs))) {
          return { inputs: undrifted(inputs), outputs: undrifted(outputs) };
        }
        const found = await wholeAt(tag);
        if (before === undefined) {
          const now = await lookUp(place, signing, inputs, outputs);
          return (
            found && {
              inputs: { ...undrifted(inputs), [FOUND_BY_REFRESH]: true },
              outputs: { ...undrifted(outputs), ...now },
            }
          );
        }
        if (before === found) return { inputs: undrifted(inputs), outputs: undrifted(outputs) };
        if (found === undefined && (await wholeAt(before)) === undefined) return undefined;
        const drift = { [FOUND_INSTEAD]: found ?? 'nothing' };
        return { inputs: { ...inputs, ...drift }, outputs: { ...outputs, ...drift } };
      } catch (error) {
        // The engine may read before the program has logged in, and at the place of a setting that has been
        // corrected since. `diff`, `create` or `update` looks again. An image that is not ours, too, is for
        // `update` to report: it fails that image alone.
        if (isUnsettled(outputs) && error instanceof RegistryError) return { inputs, outputs };
        throw error;
      }
    },

    // Only the next run finds out whether the build that follows published the tag, and whether somebody put
    // an overwritten tag back.
    refreshBeforeUpdate: isUnsettled,
  };
}

type CopyCall = Pick<Call, 'log' | 'signal'> & { readonly preview: boolean };

function overwritten({ repository, name }: Place, before: Digest, found: Digest): RegistryError {
  return new RegistryError(
    'TAG_OVERWRITTEN',
    `${name} named ${before}, which cannot be pulled any more, and names ${found} now`,
    waysOut(repository, found),
  );
}

/** The rules that differ from those of the last look-up; none where a run with the program has adopted the image. */
function changedRules(oldInputs: Properties, oldOutputs: Properties, news: Properties) {
  if (!isPending(oldOutputs) && !(FOUND_BY_REFRESH in oldInputs)) return [];
  return RULES.filter((name) => !isDeepStrictEqual(oldInputs[name], news[name]));
}

function undrifted(properties: Properties): Properties {
  const lasting = Object.entries(properties).filter(([name]) => name !== FOUND_INSTEAD);
  return Object.fromEntries(lasting);
}

function isPending(outputs: Properties): boolean {
  return outputs['published'] === false;
}

function isUnsettled(outputs: Properties): boolean {
  return isPending(outputs) || FOUND_INSTEAD in outputs;
}

function buildInputsOf({ inputs }: Properties): BuildInputs {
  if (!isObject(inputs)) return {};
  return Object.fromEntries(BUILD_INPUTS.map((name) => [name, textOf(inputs, name)]));
}
