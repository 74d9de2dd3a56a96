import { parseDigest, type Digest } from '../../src/image-reference.ts';
import type { ManifestDescriptor } from '../../src/registry/manifest.ts';
import { CodedError } from '../../src/problem.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { isLoopback } from '../../src/url.ts';
import type { Signer } from '../../src/settings/signers.ts';
import type { DigestSigner } from '../../src/signing/digest-signer.ts';
import type { FoundSignature, ReadRoot } from '../../src/signing/signatures.ts';
import { listOf, readOptional, readProperty, recordOf, text } from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';
import { describeManifest, findDigest, textOf, waysOut, type openTag } from './tagged-place.ts';

type Place = Pick<Awaited<ReturnType<typeof openTag>>, 'client' | 'repository'>;

/** How this run signs, and what it needs to check signatures: never in the state. */
export interface Signing {
  /** Signs a manifest, unless its signature is there. Returns the digest of the signature. */
  readonly sign: (
    place: Place,
    subject: ManifestDescriptor,
    signers: readonly Signer[],
    signal: AbortSignal,
  ) => Promise<Digest>;
  readonly find: (
    place: Place,
    digest: Digest,
    signers: readonly Signer[],
  ) => Promise<FoundSignature>;
  /** Whether a signature is found by whoever looks for those of a digest. */
  readonly isListed: (place: Place, digest: Digest, signature: Digest) => Promise<boolean>;
  /** Whether the run can sign with a key that a program which takes over the machine could use elsewhere. */
  readonly holdsKey: (registry: string) => boolean;
}

/** The libraries are loaded with the first signature: most runs make and read none. */
export function runSigning(env: NodeJS.ProcessEnv) {
  let signer: (() => Promise<DigestSigner>) | undefined;
  let root: ReadRoot = publicRoot(env);

  const signatures: Signing = {
    async sign({ client, repository }, subject, signers, signal) {
      const { signOnce } = await import('../../src/signing/signatures.ts');
      if (signer === undefined) throw notSetUp();
      const options = { signers, root, signal, signer: await signer() };
      return signOnce(client, repository, subject, options);
    },
    async find({ client, repository }, digest, signers) {
      const { findSignature } = await import('../../src/signing/signatures.ts');
      try {
        return await findSignature(client, repository, digest, { signers, root });
      } catch (error) {
        if (error instanceof RegistryError || !(error instanceof CodedError)) throw error;
        const problem = `the signature of ${repository}@${digest} can't be checked: ${error.problem}`;
        throw new RegistryError('TAG_NOT_SIGNED', problem, error.remedy, error);
      }
    },
    async isListed({ client, repository }, digest, signature) {
      const { findReferrers } = await import('../../src/registry/artifacts.ts');
      const referrers = await findReferrers(client, repository, digest);
      return referrers.some((referrer) => referrer.digest === signature);
    },
    holdsKey: (registry) => signer !== undefined && !isLoopback(registry.replace(/:\d+$/, '')),
  };

  /** What the function `setUpSigning` gets. An empty text stands for nothing. */
  function setUp(inputs: Properties): void {
    const read = (name: string) => readProperty(inputs, name, text) || undefined;
    const [key, fulcio, rekor] = [read('signing'), read('fulcio'), read('rekor')];
    const ownRoot = read('trustedRoot');
    signer =
      key === undefined
        ? undefined
        : once(async () => {
            const { digestSigner } = await import('../../src/signing/digest-signer.ts');
            const { parseSigningKey } = await import('../../src/settings/settings.ts');
            return digestSigner(parseSigningKey(key), { env, fulcio, rekor });
          });
    root =
      ownRoot === undefined
        ? publicRoot(env)
        : once(async () => {
            const { parseTrustedRoot } = await import('../../src/signing/trusted-root.ts');
            return parseTrustedRoot(ownRoot, 'the file of signingTrustedRoot');
          });
  }

  return { signatures, setUp };
}

function publicRoot(env: NodeJS.ProcessEnv): ReadRoot {
  return once(async () => {
    const { cacheFolder } = await import('../../src/git/cache-folder.ts');
    const { publicTrustedRoot } = await import('../../src/signing/trusted-root.ts');
    return publicTrustedRoot(cacheFolder(env));
  });
}

/** A failure is not kept: the next image tries again. */
function once<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let done: Promise<Value> | undefined;
  return () => {
    const current = (done ??= work());
    current.catch(() => (done = undefined));
    return current;
  };
}

function notSetUp(): RegistryError {
  return new RegistryError(
    'TAG_NOT_SIGNED',
    'this run was not told what it signs with',
    'run the program as well (`--run-program`), which reads the setting `signing`',
  );
}

/** The signers in a resource's inputs; `undefined` where it needs no signature. */
export function signersOf(inputs: Properties): readonly Signer[] | undefined {
  const signers = readOptional(inputs, 'signers', listOf(recordOf(text)));
  // As the program writes them.
  return signers as readonly Signer[] | undefined;
}

/** What is signed, and the digest of its signature: outputs of a resource. */
export interface Signature {
  readonly signed: string;
  readonly signature: string;
}

/** Signs in one repository, as the inputs of a resource say. */
export interface PlaceSigner {
  readonly sign: (digest: Digest | undefined) => Promise<Signature | undefined>;
  /** Throws `TAG_NOT_SIGNED` where somebody else has published an image in this run, and nobody has signed it. */
  readonly expectSigned: (digest: Digest) => Promise<void>;
}

/** `undefined` for a resource that signs nothing. */
export function signerAt(
  signing: Signing,
  place: Place,
  inputs: Properties,
  signal: AbortSignal,
): PlaceSigner | undefined {
  const { client, repository } = place;
  const signers = signersOf(inputs);
  if (signers === undefined) return undefined;
  return {
    async sign(digest) {
      const subject = digest && (await describeManifest(client, repository, digest));
      if (subject === undefined) return undefined;
      const signature = await signing.sign(place, subject, signers, signal);
      return { signed: subject.digest, signature };
    },
    expectSigned: (digest) => expectSigned(signing, place, digest, signers),
  };
}

/** Throws `TAG_NOT_SIGNED` for an image that none of the signers has signed. */
export async function expectSigned(
  signing: Signing,
  place: Place,
  digest: Digest,
  signers: readonly Signer[],
): Promise<void> {
  const { repository } = place;
  const found = await signing.find(place, digest, signers);
  if ('signer' in found) return;
  const why = found.problems.length === 0 ? 'it has no signature' : found.problems.join(', ');
  throw new RegistryError(
    'TAG_NOT_SIGNED',
    `${repository}@${digest} is there already, and nobody of the setting \`signers\` has signed it (${why})`,
    waysOut(repository, digest),
  );
}

/** The signature that the run before left; empty texts for a resource without one. */
export function signatureIn(outputs: Properties): Signature {
  return { signed: textOf(outputs, 'signed'), signature: textOf(outputs, 'signature') };
}

/** Whether the signature that the run before left can still be found. True where there was none. */
export async function isStillSigned(
  signing: Signing,
  { client, repository }: Place,
  outputs: Properties,
): Promise<boolean> {
  const signed = parseDigest(textOf(outputs, 'signed'));
  const signature = parseDigest(textOf(outputs, 'signature'));
  if (signed === undefined || signature === undefined) return true;
  if ((await findDigest(client, repository, signature)) === undefined) return false;
  return signing.isListed({ client, repository }, signed, signature);
}
