/** Why there is no response, as Node's errors say it, and what to do about that. */
interface FailureCause {
  /** Matches the code and the message of the error, with a blank between. */
  readonly sign: RegExp;
  /** Whether it is the server's certificate. */
  readonly isUntrusted?: true;
  readonly remedy: string;
}

const UNREACHED =
  'let this machine reach the host: check its network and firewall, or name a proxy in HTTPS_PROXY';

/** The first match counts. */
const CAUSES: readonly FailureCause[] = [
  {
    sign: /\bENOTFOUND\b/,
    remedy: 'check the name of the host in the address, and the DNS of this machine',
  },
  {
    sign: /\bEAI_AGAIN\b/,
    remedy: 'the DNS of this machine gives no answer: check its network, then run this again',
  },
  {
    sign: /\bECONNREFUSED\b/,
    remedy: 'nothing listens there: check the port in the address, and that the server runs',
  },
  { sign: /\b(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)\b/, remedy: UNREACHED },
  { sign: /\b(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)\b/, remedy: UNREACHED },
  {
    // fetch never connects to some ports ("port blocking" of the Fetch standard).
    sign: /^ ?bad port$/,
    remedy: 'give the server another port: this one is reserved for another protocol',
  },
  {
    sign: /wrong version number|packet length too long|http request/,
    remedy: 'the port speaks plain http: write the port at which the server speaks TLS',
  },
  {
    sign: /certificate required|alert bad certificate|handshake failure.*certificate/,
    remedy:
      'the server wants a client certificate, of which this program has none: use another one',
  },
  {
    sign: /protocol version|unsupported protocol|no protocols available|handshake failure/,
    remedy: 'have the operator of the server let it speak TLS 1.2 or newer',
  },
  {
    sign: /\bHPE_|HTTP\/1\.1 protocol/,
    remedy: 'the port does not speak http: check the port in the address',
  },
  {
    sign: /CERT_HAS_EXPIRED|certificate has expired/,
    isUntrusted: true,
    remedy:
      "check this machine's clock; if it is right, have the operator of the server get a new certificate",
  },
  {
    sign: /CERT_NOT_YET_VALID|certificate is not yet valid/,
    isUntrusted: true,
    remedy: "check this machine's clock; if it is right, wait until the certificate is valid",
  },
  {
    sign: /CERT_REVOKED|certificate revoked/,
    isUntrusted: true,
    remedy: 'have the operator of the server get a new certificate: this one is revoked',
  },
  {
    sign: /ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|certificate's altnames/,
    isUntrusted: true,
    remedy: 'write the name of the host that is in its certificate',
  },
  {
    // Node's "X509 certificate error codes".
    sign: /^(?:CERT_\w+|UNABLE_TO_\w*(?:CERT|CRL|SIGNATURE|KEY)\w*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED) |issuer certificate|self-signed certificate|verify the first certificate/,
    isUntrusted: true,
    remedy:
      "check the address; where the certificate is of an authority of your own, name that one's file in NODE_EXTRA_CA_CERTS",
  },
];

/** The cause that an error's code and message tell; `undefined` where they tell none. */
export function failureCause(
  code: string,
  message: string,
): Pick<FailureCause, 'isUntrusted' | 'remedy'> | undefined {
  return CAUSES.find(({ sign }) => sign.test(`${code} ${message}`));
}

/** `fetch` always throws "fetch failed"; the reason is in its cause, or in the cause of that. */
export function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

export function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
