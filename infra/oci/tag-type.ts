import { parseDigest, type Digest } from '../../src/image-reference.ts';
import {
  UNKNOWN,
  type Log,
  type Properties,
  type PropertyValue,
  type ResourceType,
} from './protocol/resource-type.ts';
import type { Connect } from './connect.ts';
import {
  changedPlace,
  checkPlace,
  knownPlace,
  parsePlace,
  pointTag,
  textOf,
} from './tagged-place.ts';

/**
 * `oci:index:Tag`: an alias, a tag that points at a digest of the same repository and moves with it.
 *
 * Without a `digest`, such as after a failed build, the alias stays where it is, and a later run makes one
 * that is new. The state has an empty `digest` then.
 */
export function tagType(connect: Connect): ResourceType {
  async function point(inputs: Properties, signal: AbortSignal): Promise<void> {
    const { registry, repository, tag } = knownPlace(inputs);
    const digest = parseDigest(textOf(inputs, 'digest'));
    if (digest === undefined) return;
    await pointTag(await connect(registry, signal), repository, tag, digest);
  }

  return {
    check({ olds, news }) {
      const digest: PropertyValue = news['digest'] ?? '';
      const failures = [...checkPlace(news), ...checkDigest(digest)];
      // The place stays too: a run that went to a wrong registry must not give up the right alias.
      const inputs: Properties = olds !== undefined && digest === '' ? olds : { ...news, digest };
      return Promise.resolve({ inputs, failures });
    },

    diff({ oldInputs, news }) {
      const replaces = changedPlace(oldInputs, news);
      const moved = oldInputs['digest'] === news['digest'] ? [] : ['digest'];
      return { changed: [...replaces, ...moved], replaces };
    },

    async create({ inputs, preview, signal }) {
      const place = parsePlace(inputs);
      if (!preview) await point(inputs, signal);
      const id = place === undefined ? '' : `${place.registry}/${place.repository}:${place.tag}`;
      return { id, outputs: inputs };
    },

    async read({ inputs, outputs, signal }) {
      // An alias that this stack never pointed does not belong to it, whatever it names.
      if (textOf(outputs, 'digest') === '') return { inputs, outputs };
      const { registry, repository, tag } = knownPlace(inputs);
      const client = await connect(registry, signal);
      const found = await client.headManifest(repository, tag);
      if (found === undefined) return undefined;
      // In the inputs too: the next run compares them with the program's, and so moves the alias back.
      const { digest } = found;
      return { inputs: { ...inputs, digest }, outputs: { ...outputs, digest } };
    },

    async update({ news, preview, signal }) {
      if (!preview) await point(news, signal);
      return news;
    },

    async delete({ outputs, log, signal }) {
      const digest = parseDigest(textOf(outputs, 'digest'));
      if (digest !== undefined) await remove(connect, outputs, digest, log, signal);
    },
  };
}

/** Removes the tag where it still points at that digest, and the registry can remove tags. */
async function remove(
  connect: Connect,
  outputs: Properties,
  digest: Digest,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { registry, repository, tag } = knownPlace(outputs);
  const client = await connect(registry, signal);
  const found = await client.headManifest(repository, tag);
  if (found === undefined) return;
  const name = `${registry}/${repository}:${tag}`;
  if (found.digest !== digest) {
    log('info', `${name} points at ${found.digest} now, not at ${digest}: it is left as it is`);
    return;
  }
  if ((await client.deleteTag(repository, tag)) === 'unsupported') {
    log('info', `${name} stays: this registry cannot remove a tag without its image`);
  }
}

function checkDigest(digest: PropertyValue) {
  if (digest === UNKNOWN || digest === '') return [];
  if (typeof digest === 'string' && parseDigest(digest) !== undefined) return [];
  return [{ property: 'digest', reason: 'write sha256: and 64 hexadecimal digits' }];
}
