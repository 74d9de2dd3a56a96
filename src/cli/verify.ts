import process from 'node:process';
import {
  choosePlatform,
  jsonOption,
  platformOption,
  secondsOption,
  stackOption,
} from './options.ts';
import { planCheckout } from './read-stack.ts';
import { findImage } from '../plan/publish-only.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { contentOf, DEFAULT_PLATFORM } from '../catalog/image.ts';
import { formatImageReference, type Digest } from '../image-reference.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import { inputError, type InvalidInputError } from '../problem.ts';
import { credentialsFor } from '../registry/credentials.ts';
import { findWhole } from '../registry/image-index.ts';
import { registryClient } from '../registry/registry-client.ts';
import type { PullSession } from '../verify/pull-disk.ts';
import { describePackages } from '../verify/read-console.ts';
import { verifyImage } from '../verify/verify-image.ts';
import { VerifyError } from '../verify/verify-error.ts';

/** `images verify`: starts an image as it is published, and waits until it is up. */
export const verifyCommand = subcommand({
  name: 'verify',
  description: 'Start an image as it is published, and wait until it is up',
  arguments: [['<name>', 'the name of the image in the catalog']],
  options: {
    stack: stackOption,
    platform: platformOption,
    timeout: secondsOption(
      '--timeout <seconds>',
      'how long the image may take to come up (default: 600)',
    ),
    json: jsonOption,
  },
  run: async ({ root, out, err }, { stack, platform: chosen, timeout = 600, json }, name) => {
    const plan = planCheckout(root, stack);
    const image = findImage(plan, name);
    const platform = choosePlatform(image.platforms, chosen);
    if (platform === undefined) {
      throw unknownPlatform(image, chosen ?? DEFAULT_PLATFORM, plan.settings.catalogFile);
    }
    const { kind, registry, repository } = image;
    const credentials = await credentialsFor(registry, process.env);
    const verification = await untilInterrupted(async (signal) => {
      const session = { registry, credentials, signal };
      const digest = await publishedDigest(image, platform, session);
      const note = (line: string) => {
        err(`${line}\n`);
      };
      const verified = { ...image, kind: contentOf(image), digest, platform };
      const started = await verifyImage(verified, { session, timeout, note });
      const reference = formatImageReference({ registry, repository, digest });
      return { name, kind, platform, reference, ...started };
    });
    const { sign, seconds, reference } = verification;
    const which = image.platforms.length > 1 ? ` for ${platform}` : '';
    const listed = 'packages' in verification ? `; ${describePackages(verification.packages)}` : '';
    const line = `${name}${which} is up after ${seconds} s: ${sign}${listed} (${reference})`;
    out(`${json === true ? JSON.stringify(verification, null, 2) : line}\n`);
    return EXIT_CODES.done;
  },
});

/** The digest of the image for the platform: a Docker Engine may keep the digest of an index for one platform only. */
async function publishedDigest(
  image: PlannedImage,
  platform: string,
  session: PullSession,
): Promise<Digest> {
  const found = await findWhole(registryClient(session), image.repository, image.tag);
  if (found !== undefined) return found.members?.[platform] ?? found.digest;
  throw new VerifyError(
    'NOT_PUBLISHED',
    `${formatImageReference(image.reference)} is not in the registry`,
    'publish it with pulumi up, or check out the commit that was published',
  );
}

/** The error (UNKNOWN_PLATFORM) for a platform that an image does not have. */
export function unknownPlatform(
  { name, platforms, line }: PlannedImage,
  chosen: string,
  file: string,
): InvalidInputError {
  const problem = `${name} is not for ${chosen}`;
  const remedy = `choose one of ${platforms.join(', ')}`;
  return inputError('UNKNOWN_PLATFORM', problem, remedy, { file, line });
}
