const PREFIX = 'emulated-access-token-of-';

/** An access token that names a service account, for the emulator only: good for nothing elsewhere. */
export function accessTokenOf(email: string): string {
  return `${PREFIX}${email}`;
}

/** The service account that a token is of; `undefined` for a token from elsewhere. */
export function emailOf(token: string): string | undefined {
  return token.startsWith(PREFIX) ? token.slice(PREFIX.length) : undefined;
}
