import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { CONTENTS } from '../../src/catalog/image.ts';
import { parseRegistry, parseRepository, type Registry } from '../../src/image-reference.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import { privilegedRefused } from '../../src/verify/privileges.ts';
import { describePackages } from '../../src/verify/read-console.ts';
import type { verifyImage } from '../../src/verify/verify-image.ts';
import {
  boolean,
  listOf,
  number,
  parsed,
  readOptional,
  readProperty,
  text,
} from './protocol/read-property.ts';
import type { Call, Properties, ResourceType } from './protocol/resource-type.ts';
import { digestOf, keepWithoutDigest } from './tagged-place.ts';

/** What the verification takes from the world. */
interface VerificationWorld {
  readonly verify: typeof verifyImage;
  readonly credentialsFor: (registry: Registry) => Promise<Credentials | undefined>;
  /** Whether the run has an identity that a program which takes over the machine could use. */
  readonly hasIdentity: (registry: Registry) => boolean;
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
export function verificationType({
  verify,
  credentialsFor,
  hasIdentity,
}: VerificationWorld): ResourceType {
  const limit = pLimit(AT_ONCE);

  async function start({ urn, log, signal }: Call, inputs: Properties) {
    const digest = digestOf(inputs);
    if (digest === undefined) return { ...inputs, sign: '' };
    const commands = readProperty(inputs, 'commands', listOf(text));
    const image = {
      name: nameOf(urn),
      repository: readProperty(inputs, 'repository', parsed(parseRepository)),
      kind: readProperty(inputs, 'kind', parsed(parseKind)),
      digest,
      platform: readProperty(inputs, 'platform', text),
      verify: commands.length > 0 ? commands : undefined,
      verifyPrivileged: readOptional(inputs, 'privileged', boolean),
    };
    const registry = readProperty(inputs, 'registry', parsed(parseRegistry));
    if (image.verifyPrivileged === true && hasIdentity(registry)) throw privilegedRefused();
    const session = { registry, credentials: await credentialsFor(registry), signal };
    const timeout = readProperty(inputs, 'timeout', number);
    const note = (line: string) => {
      log('status', line);
    };
    const started = await limit(() => {
      signal.throwIfAborted();
      return verify(image, { session, timeout, note });
    });
    const { sign, seconds } = started;
    const listed = 'packages' in started ? `; ${describePackages(started.packages)}` : '';
    log('info', `up after ${seconds} s: ${sign}${listed}`);
    return { ...inputs, sign };
  }

  return {
    check: ({ olds, news }) => ({ inputs: keepWithoutDigest(olds, news) }),

    diff: ({ oldInputs, news }) => ({
      changed: VERIFIED.filter((key) => !isDeepStrictEqual(oldInputs[key], news[key])),
    }),

    async create({ inputs, preview, ...call }) {
      const outputs = preview ? inputs : await start(call, inputs);
      return { id: nameOf(call.urn), outputs };
    },

    async update({ news, preview, ...call }) {
      return preview ? news : start(call, news);
    },
  };
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2);
}

function parseKind(text: string) {
  return CONTENTS.find((kind) => kind === text);
}
