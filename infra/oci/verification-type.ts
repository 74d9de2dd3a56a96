import pLimit from 'p-limit';
import { KINDS } from '../../src/catalog/image.ts';
import {
  parseDigest,
  parseRegistry,
  parseRepository,
  type Registry,
} from '../../src/image-reference.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import type { verifyImage } from '../../src/verify/verify-image.ts';
import {
  UNKNOWN,
  type Log,
  type Properties,
  type PropertyValue,
  type ResourceType,
} from './protocol/resource-type.ts';
import { textOf } from './tagged-place.ts';

/** What the verification takes from the world. */
export interface VerificationWorld {
  readonly verify: typeof verifyImage;
  readonly credentialsFor: (registry: Registry) => Promise<Credentials | undefined>;
}

/** A virtual machine has two cores and a gigabyte. */
const AT_ONCE = 2;

/** A change of one of these is to be verified. A shorter time limit says nothing about an image that is up. */
const VERIFIED = ['registry', 'repository', 'digest', 'kind', 'platform', 'commands'] as const;

/**
 * `oci:index:Verification`: that the image with a digest comes up. One that does not fails as a resource:
 * the state never says that it did, and the next run starts it again.
 *
 * Without a `digest`, such as after a failed build, the last verified one stays. The output beside the
 * inputs is `sign`, which showed that the image is up.
 */
export function verificationType({ verify, credentialsFor }: VerificationWorld): ResourceType {
  const limit = pLimit(AT_ONCE);

  async function start(urn: string, inputs: Properties, log: Log, signal: AbortSignal) {
    const image = imageOf(urn, inputs);
    if (image === undefined) return { ...inputs, sign: '' };
    const { registry, ...rest } = image;
    const session = { registry, credentials: await credentialsFor(registry), signal };
    const note = (line: string) => {
      log('status', line);
    };
    const timeout = Number(inputs['timeout']);
    const { sign, seconds } = await limit(() => {
      signal.throwIfAborted();
      return verify(rest, { session, isLoggedIn: true, timeout, note });
    });
    log('info', `up after ${seconds} s: ${sign}`);
    return { ...inputs, sign };
  }

  return {
    check({ olds, news }) {
      const digest: PropertyValue = news['digest'] ?? '';
      const inputs: Properties = olds !== undefined && digest === '' ? olds : { ...news, digest };
      return Promise.resolve({ inputs });
    },

    diff({ oldInputs, news }) {
      const text = (value: PropertyValue | undefined) =>
        value === UNKNOWN ? undefined : JSON.stringify(value ?? null);
      const changed = VERIFIED.filter((key) => text(oldInputs[key]) !== text(news[key]));
      return { changed };
    },

    async create({ urn, inputs, preview, log, signal }) {
      const outputs = preview ? inputs : await start(urn, inputs, log, signal);
      return { id: nameOf(urn), outputs };
    },

    async update({ urn, news, preview, log, signal }) {
      return preview ? news : start(urn, news, log, signal);
    },

    read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),
    delete: () => Promise.resolve(),
  };
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2);
}

/** `undefined` where no digest is known. */
function imageOf(urn: string, inputs: Properties) {
  const digest = parseDigest(textOf(inputs, 'digest'));
  if (digest === undefined) return undefined;
  const registry = parseRegistry(textOf(inputs, 'registry'));
  const repository = parseRepository(textOf(inputs, 'repository'));
  const kind = KINDS.find((known) => known === inputs['kind']);
  if (registry === undefined || repository === undefined || kind === undefined) {
    throw new Error('a verification has a registry, a repository and a kind of image');
  }
  const { commands } = inputs;
  const verify = Array.isArray(commands) ? commands.map(String) : [];
  return {
    name: nameOf(urn),
    registry,
    repository,
    kind,
    digest,
    platform: textOf(inputs, 'platform'),
    verify: verify.length > 0 ? verify : undefined,
  };
}
