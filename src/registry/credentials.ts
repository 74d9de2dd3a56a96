/** What a registry may be shown to let somebody in; an identity token is an OAuth 2 refresh token. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly identityToken: string };

/** The value of a `Basic` Authorization header (RFC 7617, UTF-8). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
