import { CodedError } from '../problem.ts';

/**
 * - `REGISTRY_UNREACHABLE`: no connection, or none that lasted until the whole answer was here.
 * - `REGISTRY_UNAUTHORIZED`: the registry asks who we are, and does not take what we have.
 * - `REGISTRY_DENIED`: it knows who we are, and says no.
 * - `REGISTRY_RATE_LIMITED`: it still said "too many requests" after every retry.
 * - `REGISTRY_ANSWER`: an answer that breaks the protocol, or that only its operator can mend.
 * - `REGISTRY_UNSAFE`: going on would show credentials, or trust an answer, over a line that anyone
 *   can listen to.
 * - `REGISTRY_UNTRUSTED`: its certificate is not trusted, so who knows who answers.
 * - `MANIFEST_MISSING`: a digest that must be in the registry is not.
 * - `TAG_NOT_MOVED`: the registry took a tag, and then showed another digest under it.
 * - `DOCKER_CONFIG`: the Docker config, or the credential helper it names, is of no use.
 */
export type RegistryErrorCode =
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_UNAUTHORIZED'
  | 'REGISTRY_DENIED'
  | 'REGISTRY_RATE_LIMITED'
  | 'REGISTRY_ANSWER'
  | 'REGISTRY_UNSAFE'
  | 'REGISTRY_UNTRUSTED'
  | 'MANIFEST_MISSING'
  | 'TAG_NOT_MOVED'
  | 'DOCKER_CONFIG';

/** `code  problem; remedy` in one line, ready to print. No credential is ever part of it. */
export class RegistryError extends CodedError<RegistryErrorCode> {
  override readonly name = 'RegistryError';
}

/** Whether the registry does not let us do what was asked, or does not know us yet. */
export function isRefusal(error: unknown): boolean {
  const refusals: readonly RegistryErrorCode[] = ['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED'];
  return error instanceof RegistryError && refusals.includes(error.code);
}
