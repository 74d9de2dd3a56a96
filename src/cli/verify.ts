import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { parseStackName } from './options.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';
import { workingTree } from '../git/working-tree.ts';
import { formatImageReference, type Digest } from '../image-reference.ts';
import { planStack } from '../plan/plan-stack.ts';
import type { PlannedImage } from '../plan/planned-image.ts';
import { InvalidInputError } from '../problem.ts';
import { credentialsFor } from '../registry/docker-config.ts';
import { registryClient } from '../registry/registry-client.ts';
import type { PullSession } from '../verify/pull-disk.ts';
import { verifyImage } from '../verify/verify-image.ts';
import { VerifyError } from '../verify/verify-error.ts';
import type { Kind } from '../catalog/image.ts';
import type { Boot } from '../verify/boot-disk.ts';
import type { Start } from '../verify/start-container.ts';

interface VerifyOptions {
  readonly stack: string;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: true;
}

const LONGEST_TIMEOUT = 86_400;

/** `images verify`: starts what is published of an image, and tells whether it comes up. */
export function verifyCommand(context: CliContext): Command {
  return new Command('verify')
    .description('Start what is published of an image, and wait until it is up')
    .argument('<name>', 'the image, as the catalog names it')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--timeout <seconds>', 'how long it may take to come up', parseTimeout, 600)
    .option('--json', 'print JSON instead of a line')
    .action((name: string, options: VerifyOptions) => verify(name, context, options));
}

async function verify(
  name: string,
  { root, out, err }: CliContext,
  { stack, timeout, json }: VerifyOptions,
): Promise<void> {
  const { images, settings } = planStack(
    workingTree(root),
    readStackSettings(workingTree(root), stack),
  );
  const image = images.find((one) => one.name === name);
  if (image === undefined) throw unknownImage(name, images, settings.catalog);
  const { registry } = image;
  const credentials = await credentialsFor(registry, process.env);
  const verification = await untilInterrupted(async (signal) => {
    const session = { registry, credentials, signal };
    const note = (line: string) => {
      err(`${line}\n`);
    };
    const digest = await publishedDigest(image, session);
    const started = await verifyImage({ ...image, digest }, { session, timeout, note });
    return { name, kind: image.kind, reference: referenceOf(image, digest), ...started };
  });
  out(`${json === true ? formatVerificationAsJson(verification) : lineOf(verification)}\n`);
}

async function publishedDigest(image: PlannedImage, session: PullSession): Promise<Digest> {
  const found = await registryClient(session).headManifest(image.repository, image.tag);
  if (found !== undefined) return found.digest;
  throw new VerifyError(
    'NOT_PUBLISHED',
    `${formatImageReference(image.reference)} is not in the registry`,
    'publish it with pulumi up, or check out the commit that was published',
  );
}

function referenceOf({ registry, repository }: PlannedImage, digest: Digest): string {
  return formatImageReference({ registry, repository, digest });
}

function lineOf({ name, sign, seconds, reference }: Verification): string {
  return `${name} is up after ${seconds} s: ${sign} (${reference})`;
}

function unknownImage(name: string, images: readonly PlannedImage[], file: string) {
  const names = images.map((image) => image.name);
  const remedy = didYouMean(closest(name, names), `the images are ${names.join(', ')}`);
  const problem = `there is no image ${quote(name)}`;
  return new InvalidInputError([{ code: 'UNKNOWN_IMAGE', file, path: '', problem, remedy }]);
}

function parseTimeout(text: string): number {
  const seconds = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= LONGEST_TIMEOUT) return seconds;
  throw new InvalidArgumentError('Write whole seconds, at most a day.');
}

/** An image that is up, and how it came there. */
type Verification = (Boot | Start) & {
  readonly name: string;
  readonly kind: Kind;
  /** What was started, by its digest. */
  readonly reference: string;
};

/** A JSON object; only a disk's has an accelerator, `kvm` or `tcg`. */
function formatVerificationAsJson(verification: Verification): string {
  const { name, kind, reference, ...start } = verification;
  return JSON.stringify({ name, kind, reference, ...start }, null, 2);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Thrown when whoever started a command wants its end. The message is ready to print. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/**
 * Does some work that ends early, and cleans up, when this process is told to end: `signal` aborts
 * then, with an InterruptedError.
 */
async function untilInterrupted<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    controller.abort(new InterruptedError(`interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
