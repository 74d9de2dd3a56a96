/** What a registry may be shown to let somebody in; an identity token is an OAuth 2 refresh token. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly identityToken: string };
