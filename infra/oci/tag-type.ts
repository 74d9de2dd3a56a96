import { parseDigest, type Digest } from '../../src/image-reference.ts';
import { UNKNOWN, type Log, type Properties, type ResourceType } from './protocol/resource-type.ts';
import type { Connect } from './connect.ts';
import {
  pointTag,
  changedPlace,
  checkPlace,
  knownPlace,
  parsePlace,
  textOf,
} from './tagged-place.ts';

/**
 * `oci:index:Tag`: an alias, a tag that points at a digest of the same repository and moves with it.
 *
 * An empty `digest` means "not to be known in this run", such as after a failed build: the alias
 * stays where it is, and one that is new is left to a later run.
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
      const failures = [...checkPlace(news), ...checkDigest(news)];
      // The place stays too: a run that went to a wrong registry must not give up the right alias.
      const inputs = olds !== undefined && news['digest'] === '' ? olds : news;
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
      // One that was never pointed is not ours, whatever the tag may name.
      if (textOf(outputs, 'digest') === '') return { inputs, outputs };
      const { registry, repository, tag } = knownPlace(inputs);
      const client = await connect(registry, signal);
      const found = await client.headManifest(repository, tag);
      if (found === undefined) return undefined;
      // In the inputs too: the next run compares them with the program's, and so moves it back.
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

/** Removes the tag where it still points at what we pointed it at, and the registry can. */
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
    log('info', `${name} points at ${found.digest} now, which is not ours: left as it is`);
    return;
  }
  if ((await client.deleteTag(repository, tag)) === 'unsupported') {
    log('info', `${name} stays: this registry cannot remove a tag without its image`);
  }
}

function checkDigest(news: Properties) {
  const digest = news['digest'];
  if (digest === UNKNOWN || digest === '') return [];
  if (typeof digest === 'string' && parseDigest(digest) !== undefined) return [];
  return [{ property: 'digest', reason: 'write sha256: and 64 hexadecimal digits' }];
}
