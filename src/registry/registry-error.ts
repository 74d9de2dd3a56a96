import { CodedError } from '../problem.ts';

/**
 * - `REGISTRY_UNREACHABLE`: no connection, or none that lasted for the whole response.
 * - `REGISTRY_UNAUTHORIZED`: the registry wants a login, and does not accept ours.
 * - `REGISTRY_DENIED`: it accepts the login, and denies the request.
 * - `REGISTRY_RATE_LIMITED`: it still responded with "too many requests" after every retry.
 * - `REGISTRY_ANSWER`: a response that breaks the protocol, or an error on the registry's side.
 * - `REGISTRY_UNSAFE`: the request would send credentials, or trust a response, without encryption.
 * - `REGISTRY_UNTRUSTED`: its certificate is not trusted.
 * - `MANIFEST_MISSING`: a digest that must be in the registry is not.
 * - `TAG_NOT_MOVED`: the registry accepted a tag, and then had another digest under it.
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

/** Whether the registry denies the request, or wants a login. */
export function isRefusal(error: unknown): boolean {
  const refusals: readonly RegistryErrorCode[] = ['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED'];
  return error instanceof RegistryError && refusals.includes(error.code);
}
