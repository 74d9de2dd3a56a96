import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import {
  isImmutable,
  LATEST,
  parseDigest,
  parseTag,
  type Digest,
  type Tag,
} from '../../src/image-reference.ts';
import { RegistryError, unlessHidden } from '../../src/registry/registry-error.ts';
import { REQUESTS_AT_ONCE, type Connect } from './connect.ts';
import { parsed, readOptional, readProperty, recordOf, text } from './protocol/read-property.ts';
import {
  containsUnknown,
  UNKNOWN,
  type Properties,
  type ResourceType,
} from './protocol/resource-type.ts';
import { changedPlace, isBuiltInstead, openRepository, pointTag } from './tagged-place.ts';

/** Texts by alias: what aliases stand for, or their digests. */
type ByAlias = Readonly<Record<string, string>>;

/**
 * `oci:index:BranchAliases`: the tags that stand for supported branches at one image. An alias of a tag
 * points at the digest that the tag names, an alias of a digest at that digest. An alias of neither becomes a
 * pin: it is pointed once, at what `latest` names then, and stays there when `latest` moves. A pin that the
 * registry has already stays as it is.
 *
 * Output: `digests`. A tag that the registry does not have leaves its alias out. An immutable
 * tag that names another digest than before does not move its alias, unless that was built for the tag instead (see
 * `isBuiltInstead`). Where the digest before can't be pulled any more, the alias goes to the digest of the input
 * `adopt`, and any other one fails the run. Aliases are removed by `ReferencedVersions`, which knows why they go.
 */
export function branchAliasesType(connect: Connect): ResourceType {
  /**
   * Finds the digest of each alias; in a run that `acts`, points the alias at it. `olds` are the
   * outputs of the last run.
   */
  async function resolve(
    inputs: Properties,
    olds: Properties,
    acts: boolean,
    signal: AbortSignal,
  ): Promise<Properties> {
    // The digest that `latest` will name when the image is built.
    if (containsUnknown(inputs)) return { ...inputs, digests: UNKNOWN };
    const knownDigests = digestsOf(olds);
    const oldTargets = readOptional(olds, 'aliases', recordOf(text)) ?? {};
    const adopt = readOptional(inputs, 'adopt', text);
    const place = await openRepository(connect, inputs, signal);
    const { repository, client, digestAt, wholeAt } = place;
    /**
     * The digest of a pin: the known one, the one that the registry has under the alias, or the one of
     * `latest`. A pin whose version is gone is pinned anew: another image is better for a branch than none.
     */
    const pinned = async (alias: Tag, known: Digest | undefined) =>
      (known && (await digestAt(known))) ?? (await digestAt(alias)) ?? (await digestAt(LATEST));

    /** The digest of a tag. `known` is the one that an immutable tag named before. */
    const named = async (tag: Tag, known: Digest | undefined) => {
      const found = await digestAt(tag);
      if (known === undefined || found === known || !isImmutable(tag)) return found;
      if (await isBuiltInstead(client, repository, tag, { known, found })) return found;
      if ((await wholeAt(known)) !== undefined) return known;
      if (found === undefined || found === adopt) return found;
      throw new RegistryError(
        'TAG_OVERWRITTEN',
        `${repository}:${tag} names ${found}, and named ${known} before, which can't be pulled any more`,
        `push ${known} again; or, to lose it, delete ${found} and run \`pulumi up --refresh\`, or write \`adopt: ${found}\` below the image in the catalog`,
      );
    };

    const digests = await mapAliases(aliasesOf(inputs), async (name, target) => {
      const alias = tagOf(name);
      const known = knownDigests[name];
      const pin = target === '' ? known : parseDigest(target);
      const isPin = target === '' || pin !== undefined;
      const before = oldTargets[name] === target ? known : undefined;
      const look = () => (isPin ? pinned(alias, pin) : named(tagOf(target), before));
      const digest = await unlessHidden(look, () => known);
      if (acts && digest !== undefined) await pointTag(client, repository, alias, digest);
      return digest;
    });
    return { ...inputs, digests };
  }

  /** Whether the registry has another version for an alias whose tag was missing, or that follows `latest` from now on. */
  async function isFound(
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    signal: AbortSignal,
  ) {
    const [known, olds] = [digestsOf(oldOutputs), aliasesOf(oldInputs)];
    const open = Object.entries(aliasesOf(news)).filter(
      ([name, target]) => !(name in known) || (target === LATEST && olds[name] !== LATEST),
    );
    if (open.length === 0) return false;
    const aliases = Object.fromEntries(open);
    const digests = digestsOf(await resolve({ ...news, aliases }, {}, false, signal));
    return Object.entries(digests).some(([name, digest]) => digest !== known[name]);
  }

  return {
    async diff({ oldInputs, oldOutputs, news, signal }) {
      const replaces = changedPlace(oldInputs, news);
      if (replaces.length > 0) return { changed: replaces, replaces };
      if (containsUnknown(news)) return { changed: ['aliases'] };
      const known = digestsOf(oldOutputs);
      const was = targetsOf(aliasesOf(oldInputs), known);
      const isChanged = !isDeepStrictEqual(was, targetsOf(aliasesOf(news), known));
      // Somebody may have moved an alias to where it belongs now: the registry is right, and the outputs lack it.
      const isMoved = Object.entries(aliasesOf(news)).some(([name, target]) => {
        return parseDigest(target) !== undefined && name in known && known[name] !== target;
      });
      const isDue = isChanged || isMoved || (await isFound(oldInputs, oldOutputs, news, signal));
      return { changed: isDue ? ['aliases'] : [] };
    },

    async create({ inputs, preview, signal }) {
      const outputs = await resolve(inputs, {}, !preview, signal);
      const { registry, repository } = await openRepository(connect, inputs, signal);
      return { id: `${registry}/${repository}`, outputs };
    },

    async read({ inputs, outputs, signal }) {
      const { digestAt } = await openRepository(connect, inputs, signal);
      const digests = digestsOf(outputs);
      const targets = aliasesOf(inputs);
      const isGone = async (tag: Tag | Digest) => (await digestAt(tag)) === undefined;
      // A difference goes into the inputs, so that the next run sees it and puts the alias right.
      const aliases = await mapAliases(targets, async (name, target) => {
        const known = digests[name];
        if (known === undefined) return target;
        const found = await digestAt(tagOf(name));
        if (found !== known) return found;
        // Except for a tag that names another digest now: the alias has to follow it.
        if (target === '' || parseDigest(target) !== undefined || isImmutable(target))
          return target;
        const named = await digestAt(tagOf(target));
        return named === undefined || named === known ? target : undefined;
      });
      // A digest that vanished with its immutable tag is forgotten: a build may publish another one.
      const kept = await mapAliases(digests, async (name, known) => {
        const target = targets[name];
        const isLost =
          !(name in aliases) &&
          isImmutable(target) &&
          (await isGone(target)) &&
          (await isGone(known));
        return isLost ? undefined : known;
      });
      return { inputs: { ...inputs, aliases }, outputs: { ...outputs, digests: kept } };
    },

    update: ({ oldOutputs, news, preview, signal }) => resolve(news, oldOutputs, !preview, signal),
  };
}

/** Gives each alias a new value; leaves out those without one. */
async function mapAliases<Old extends string, Value extends string>(
  aliases: Readonly<Record<string, Old>>,
  valueOf: (name: string, target: Old) => Promise<Value | undefined>,
): Promise<Readonly<Record<string, Value>>> {
  const entries = await pLimit(REQUESTS_AT_ONCE).map(
    Object.entries(aliases),
    async ([name, target]) => {
      const value = await valueOf(name, target);
      return value === undefined ? [] : [[name, value] as const];
    },
  );
  return Object.fromEntries(entries.flat());
}

/** Alias → target. What is pinned or follows `latest` is the same by digest. */
function targetsOf(aliases: ByAlias, digests: ByAlias): ByAlias {
  const entries = Object.entries(aliases).map(([name, target]) => {
    const isByDigest = target === '' || target === LATEST;
    return [name, isByDigest ? (digests[name] ?? target) : target] as const;
  });
  return Object.fromEntries(entries);
}

/** Alias → tag or digest; empty for what `latest` names when the alias is created. */
function aliasesOf(inputs: Properties): ByAlias {
  return readProperty(inputs, 'aliases', recordOf(text));
}

/** Alias → digest; without those whose tag is not in the registry. */
function digestsOf(outputs: Properties): Readonly<Record<string, Digest>> {
  return readOptional(outputs, 'digests', recordOf(parsed(parseDigest))) ?? {};
}

function tagOf(text: string): Tag {
  const tag = parseTag(text);
  if (tag === undefined) throw new Error(`${text} is no tag`);
  return tag;
}
