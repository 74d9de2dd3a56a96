import { z } from 'zod';
import type { Environment } from '../environment.ts';
import { gcloud } from '../google/google-access-token.ts';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import { serviceRequest, SigningError } from './signing-error.ts';

/** What Fulcio wants in the claim `aud`. */
const AUDIENCE = 'sigstore';

const LARGEST_RESPONSE = 100_000;

/** The sources of an identity token beside the environment. */
interface TokenSources {
  readonly askLibrary?: () => Promise<string | undefined>;
  readonly askGcloud?: () => string | undefined;
}

/**
 * The identity token of this run for Fulcio: that of GitLab (`id_tokens`), else one that GitHub gives, else that of
 * the account of a machine at Google, such as Cloud Build's, else that of `gcloud`. Throws a SigningError.
 */
export async function identityToken(
  env: Environment,
  {
    askLibrary = tokenOfMachine,
    askGcloud = () => gcloud('auth', 'print-identity-token', `--audiences=${AUDIENCE}`),
  }: TokenSources = {},
  options: HttpOptions = {},
): Promise<string> {
  const { SIGSTORE_ID_TOKEN: given = '', ACTIONS_ID_TOKEN_REQUEST_URL: url = '' } = env;
  if (given !== '') return given;
  if (url !== '') return tokenOfGithub(url, env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '', options);
  const token = (await askLibrary()) ?? askGcloud();
  if (token) return token;
  throw new SigningError(
    'SIGNING_IDENTITY',
    'this run has no identity token to sign with',
    'give the job `id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore` on GitLab, or `id-token: write` on GitHub; or set `signing` to a key',
  );
}

/** GitHub, "OpenID Connect reference": "Methods for requesting the OIDC token". */
async function tokenOfGithub(address: string, bearer: string, options: HttpOptions) {
  const url = new URL(address);
  url.searchParams.set('audience', AUDIENCE);
  const purpose = 'get an identity token of this job';
  const response = await serviceRequest(
    {
      url,
      authorization: `Bearer ${bearer}`,
      largestBody: LARGEST_RESPONSE,
      purpose,
      service: 'GitHub',
      secrets: [bearer],
      remedies: [{ status: /./, remedy: 'run the job again' }],
    },
    options,
  );
  const { data } = z.object({ value: z.string() }).safeParse(parseJson(response.bytes));
  if (data !== undefined) return data.value;
  throw new SigningError(
    'SIGNING_IDENTITY',
    `could not ${purpose}: GitHub answered something else`,
    'run the job again',
  );
}

/** The token of the metadata server, or of the file in GOOGLE_APPLICATION_CREDENTIALS; `undefined` without either. */
async function tokenOfMachine(): Promise<string | undefined> {
  const { GoogleAuth } = await import('google-auth-library');
  try {
    const { idTokenProvider } = await new GoogleAuth().getIdTokenClient(AUDIENCE);
    return await idTokenProvider.fetchIdToken(AUDIENCE);
  } catch {
    // No machine of Google's, or a login that can give none.
    return undefined;
  }
}
