import { isDeepStrictEqual } from 'node:util';
import {
  parseDigest,
  type Digest,
  type Repository,
  type Tag,
  parseRegistry,
  parseRepository,
  parseTag,
  type Registry,
} from '../../src/image-reference.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import type { Log, Properties, ResourceType } from './protocol/resource-type.ts';
import type { Connect } from './connect.ts';
import { inTurns } from './in-turns.ts';
import { pointTag, textOf } from './tagged-place.ts';
import { readOptional, readProperty, recordOf, text } from './protocol/read-property.ts';

const LATEST = 'latest' as Tag;

/**
 * `oci:index:BranchAliases`: the tags that stand for supported branches at one image. One that stands for
 * a tag points at what that names, one with a digest at that. One without either is a pin to be: it is
 * pointed once, at what `latest` is then, and stays there when `latest` moves; one that the registry has
 * already stays as it is.
 *
 * Output: `digests`. A tag that the registry does not have leaves its alias out, with a warning. Aliases
 * are removed by `ReferencedVersions`, which knows why they go.
 */
export function branchAliasesType(connect: Connect): ResourceType {
  /** Finds what each alias is to name; with `log`, in a run that acts, points it there. */
  async function resolve(
    inputs: Properties,
    pins: Readonly<Record<string, string>>,
    log: Log | undefined,
    signal: AbortSignal,
  ): Promise<Properties> {
    const { registry, repository } = placeOf(inputs);
    const client = await connect(registry, signal);
    const found = await inTurns(Object.entries(aliasesOf(inputs)), async ([name, target]) => {
      const alias = tagOf(name);
      const pin = parseDigest(target === '' ? (pins[name] ?? '') : target);
      const digest =
        target === '' || pin !== undefined
          ? await pinOf(client, repository, alias, pin)
          : (await client.headManifest(repository, tagOf(target)))?.digest;
      if (digest === undefined) {
        log?.('warning', `${repository} has no tag ${target || LATEST}, which ${name} needs`);
        return [];
      }
      if (log !== undefined) await pointTag(client, repository, alias, digest);
      return [[name, digest] as const];
    });
    return { ...inputs, digests: Object.fromEntries(found.flat()) };
  }

  /** Whether a tag that was missing is there now. */
  async function isFound(inputs: Properties, outputs: Properties, signal: AbortSignal) {
    const known = digestsOf(outputs);
    const missing = Object.entries(aliasesOf(inputs)).filter(([name]) => !(name in known));
    if (missing.length === 0) return false;
    const aliases = Object.fromEntries(missing);
    const { digests } = await resolve({ ...inputs, aliases }, {}, undefined, signal);
    return !isDeepStrictEqual(digests, {});
  }

  return {
    async diff({ oldInputs, oldOutputs, news, signal }) {
      const replaces = ['registry', 'repository'].filter((key) => oldInputs[key] !== news[key]);
      if (replaces.length > 0) return { changed: replaces, replaces };
      const was = aimsOf(aliasesOf(oldInputs), oldOutputs);
      const isChanged = !isDeepStrictEqual(was, aimsOf(aliasesOf(news), oldOutputs));
      const isDue = isChanged || (await isFound(news, oldOutputs, signal));
      return { changed: isDue ? ['aliases'] : [] };
    },

    async create({ inputs, preview, log, signal }) {
      const { registry, repository } = placeOf(inputs);
      const outputs = await resolve(inputs, {}, preview ? undefined : log, signal);
      return { id: `${registry}/${repository}`, outputs };
    },

    async read({ inputs, outputs, signal }) {
      const { registry, repository } = placeOf(inputs);
      const client = await connect(registry, signal);
      const digests = digestsOf(outputs);
      /** A tag, unless it names another digest by now: then what the alias names is no longer right. */
      const aimOf = async (name: string, target: string) => {
        if (target === '' || parseDigest(target) !== undefined) return target;
        const named = (await client.headManifest(repository, tagOf(target)))?.digest;
        return named === undefined || named === digests[name] ? target : (digests[name] ?? target);
      };
      const entries = await inTurns(Object.entries(aliasesOf(inputs)), async ([name, target]) => {
        if (!(name in digests)) return [[name, target] as const];
        const found = (await client.headManifest(repository, tagOf(name)))?.digest;
        if (found === digests[name]) return [[name, await aimOf(name, target)] as const];
        // In the inputs, so that the next run sees a difference and puts the alias back.
        return found === undefined ? [] : [[name, found] as const];
      });
      return { inputs: { ...inputs, aliases: Object.fromEntries(entries.flat()) }, outputs };
    },

    update: ({ oldOutputs, news, preview, log, signal }) =>
      resolve(news, digestsOf(oldOutputs), preview ? undefined : log, signal),

    delete: () => Promise.resolve(),
  };
}

/** What aliases are aimed at, with a pin to be and the pin that it has become as the same. */
function aimsOf(aliases: Readonly<Record<string, string>>, outputs: Properties) {
  const digests = digestsOf(outputs);
  const aims = Object.entries(aliases).map(
    ([name, target]) => [name, target === '' ? (digests[name] ?? '') : target] as const,
  );
  return Object.fromEntries(aims);
}

/**
 * What a pin names: what it was pointed at, what the registry has under it, or what `latest` is now. One
 * whose version has gone is pinned anew, since a branch with another image is better off than with none.
 */
async function pinOf(
  client: RegistryClient,
  repository: Repository,
  alias: Tag,
  known: Digest | undefined,
): Promise<Digest | undefined> {
  for (const reference of [known, alias, LATEST]) {
    const found = reference && (await client.headManifest(repository, reference));
    if (found !== undefined) return found.digest;
  }
  return undefined;
}

const byAlias = recordOf(text);

interface AliasesPlace {
  readonly registry: Registry;
  readonly repository: Repository;
}

/**
 * Alias → the tag that it stands for, or the digest that it is pinned to; empty for what `latest` names
 * when the alias is made.
 */
function aliasesOf(inputs: Properties): Readonly<Record<string, string>> {
  return readProperty(inputs, 'aliases', byAlias);
}

/** Alias → digest; without those whose tag is not in the registry. */
function digestsOf(outputs: Properties): Readonly<Record<string, string>> {
  return readOptional(outputs, 'digests', byAlias).digests ?? {};
}

function placeOf(properties: Properties): AliasesPlace {
  const registry = parseRegistry(textOf(properties, 'registry'));
  const repository = parseRepository(textOf(properties, 'repository'));
  if (registry !== undefined && repository !== undefined) return { registry, repository };
  throw new Error('aliases need a registry (a host) and a repository (a path)');
}

function tagOf(text: string): Tag {
  const tag = parseTag(text);
  if (tag === undefined) throw new Error(`${text} is no tag`);
  return tag;
}
