/** Why a request got no response. */
export interface NetworkFailure {
  /** In a few words. */
  readonly reason: string;
  /** The server's certificate is not trusted: it will not be the next time either. */
  readonly isUntrusted: boolean;
}

/** What to do about a certificate that is not trusted. */
export const TRUST_REMEDY =
  "check the address; where the certificate is of an authority of your own, name that one's file in NODE_EXTRA_CA_CERTS; where it has expired, or is not valid yet, check this machine's clock, or tell whoever runs the server";

/** Of Node's "X509 certificate error codes", those that don't begin with `CERT_`. */
const UNTRUSTED = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Explains what `fetch` or `node:https` threw. */
export function networkFailure(failure: unknown): NetworkFailure {
  if (!(failure instanceof Error)) return { reason: 'no answer', isUntrusted: false };
  if (failure.name === 'TimeoutError') return { reason: 'no answer in time', isUntrusted: false };
  // `fetch` always throws "fetch failed"; the reason is in its cause.
  const cause = failure.cause instanceof Error ? failure.cause : failure;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const reason = cause.message === '' ? code : cause.message;
  const isUntrusted = UNTRUSTED.has(code) || code.startsWith('CERT_');
  return {
    reason: isUntrusted ? `its certificate is not trusted: ${reason}` : reason,
    isUntrusted,
  };
}
