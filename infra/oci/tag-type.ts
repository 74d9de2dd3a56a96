import { untag } from '../../src/registry/registry-client.ts';
import type { Connect } from './connect.ts';
import type { Properties, ResourceType } from './protocol/resource-type.ts';
import { changedPlace, digestOf, keepWithoutDigest, openTag, pointTag } from './tagged-place.ts';

/**
 * `oci:index:Tag`: an alias, a tag that points at a digest of the same repository and moves with it.
 *
 * Without a `digest`, such as after a failed build, an alias that exists stays where it is. An alias that does not
 * exist is not written until a later run has a digest; until then its state has an empty `digest`.
 */
export function tagType(connect: Connect): ResourceType {
  /** Returns the full name of the alias. */
  async function point(inputs: Properties, signal: AbortSignal): Promise<string> {
    const { client, repository, tag, name } = await openTag(connect, inputs, signal);
    const digest = digestOf(inputs);
    if (digest !== undefined) await pointTag(client, repository, tag, digest);
    return name;
  }

  return {
    // A run that went to a wrong registry must not give up the right alias.
    check: ({ olds, news }) => ({ inputs: keepWithoutDigest(olds, news) }),

    diff({ oldInputs, news }) {
      const replaces = changedPlace(oldInputs, news);
      const moved = oldInputs['digest'] === news['digest'] ? [] : ['digest'];
      return { changed: [...replaces, ...moved], replaces };
    },

    async create({ inputs, preview, signal }) {
      return { id: preview ? '' : await point(inputs, signal), outputs: inputs };
    },

    async read({ inputs, outputs, signal }) {
      // An alias that this stack never pointed does not belong to it, whatever it names.
      if (digestOf(outputs) === undefined) return { inputs, outputs };
      const { tag, digestAt } = await openTag(connect, inputs, signal);
      const digest = await digestAt(tag);
      // In the inputs too: the next run compares them with the program's, and so moves the alias back.
      return digest && { inputs: { ...inputs, digest }, outputs: { ...outputs, digest } };
    },

    async update({ news, preview, signal }) {
      if (!preview) await point(news, signal);
      return news;
    },

    /** Removes the alias where it still points at the digest, and the registry can delete anything. */
    async delete({ outputs, log, signal }) {
      const digest = digestOf(outputs);
      if (digest === undefined) return;
      const { client, repository, tag, name, digestAt } = await openTag(connect, outputs, signal);
      const found = await digestAt(tag);
      if (found === undefined) return;
      if (found !== digest) {
        log('info', `${name} points at ${found} now, not at ${digest}: it is left as it is`);
      } else if ((await untag(client, repository, tag)) === 'unsupported') {
        log('info', `${name} stays: this registry deletes nothing`);
      }
    },
  };
}
