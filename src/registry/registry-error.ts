import { CodedError } from '../problem.ts';

/** Why a request to a registry failed. */
export type RegistryErrorCode =
  | 'REGISTRY_UNREACHABLE' // No connection, or none that lasted for the whole response.
  | 'REGISTRY_UNAUTHORIZED' // The registry wants a login, and does not accept ours.
  | 'REGISTRY_DENIED' // It accepts the login, and denies the request.
  | 'REGISTRY_RATE_LIMITED' // It still responded with "too many requests" after every retry.
  | 'REGISTRY_ANSWER' // A response that breaks the protocol, or an error on the registry's side.
  | 'REGISTRY_UNSAFE' // It would send credentials, or trust a response, without encryption.
  | 'REGISTRY_UNTRUSTED' // Its certificate is not trusted.
  | 'MANIFEST_MISSING' // A digest that must be in the registry is not.
  | 'PLATFORM_MISSING'
  | 'IMAGE_UNSUPPORTED' // What is to be copied is no image, or has layers that are elsewhere.
  | 'TAG_NOT_OURS' // An immutable tag names an image that was not built for it, as far as is known.
  | 'TAG_NOT_SIGNED' // Nobody has signed what an immutable tag names, of those whose signatures count.
  | 'TAG_OVERWRITTEN' // An immutable tag names another digest than before, which is gone.
  | 'TAG_NOT_MOVED' // The registry accepted a tag, and then had another digest under it.
  | 'DOCKER_CONFIG'; // The Docker config, or the credential helper it names, is of no use.

/** `code  problem; remedy` in one line, ready to print. No credential is ever part of it. */
export class RegistryError extends CodedError<RegistryErrorCode> {
  override readonly name = 'RegistryError';
}

/** A failure of the registry itself, which may pass: it says nothing of what was asked for. */
export class RegistryFailure extends RegistryError {}

/**
 * A refusal of a repository that may not be there. Only a request with the right to push tells it from one that this
 * account may not have, and a preview may not send that: quay.io makes the repository for it.
 */
export class HiddenRepositoryError extends RegistryError {
  constructor({ code, problem, remedy }: RegistryError) {
    super(code, problem, remedy);
  }
}

/** What `look` finds; `otherwise` where the registry hides a repository that a later run may make. */
export async function unlessHidden<Result>(
  look: () => Promise<Result>,
  otherwise: (hidden: HiddenRepositoryError) => Result,
): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof HiddenRepositoryError) return otherwise(error);
    throw error;
  }
}

/** The error for a response that breaks the protocol. */
export function badAnswer(purpose: string, why: string, remedy: string): RegistryError {
  return new RegistryError('REGISTRY_ANSWER', `could not ${purpose}: ${why}`, remedy);
}

/** Whether the registry denies the request, or wants a login. */
export function isRefusal(error: unknown): boolean {
  const refusals: readonly RegistryErrorCode[] = ['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED'];
  return error instanceof RegistryError && refusals.includes(error.code);
}

/** Whether what a registry has is of no use, such as bytes of another digest: that must not hide anything else. */
export function isDamage(error: unknown): error is RegistryError {
  const isFailure = error instanceof RegistryFailure;
  return error instanceof RegistryError && error.code === 'REGISTRY_ANSWER' && !isFailure;
}
