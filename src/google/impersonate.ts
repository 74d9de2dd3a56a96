import { z } from 'zod';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import { badAnswer } from '../registry/registry-error.ts';
import { registryRequest, responseError } from '../registry/registry-request.ts';
import { GOOGLE_PROJECT, type Responder } from '../registry/responder.ts';
import { GOOGLE } from './artifact-registry.ts';

/** Google's own address, in front of a service account's e-mail address. */
const ACCOUNTS = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const LARGEST_RESPONSE = 100_000;

const IAM_CREDENTIALS: Responder = {
  ...GOOGLE,
  remedies: [
    ...GOOGLE_PROJECT,
    {
      status: /403/,
      remedy:
        'grant whoever is logged in roles/iam.serviceAccountTokenCreator on the account, and wait a minute',
    },
    { status: /400|404/, remedy: 'check that the project has this account' },
    ...GOOGLE.remedies,
  ],
};

/**
 * An access token of a service account for an hour, by the right of whoever `accessToken` belongs to
 * ("Create short-lived credentials for a service account"). Throws a RegistryError.
 */
export async function impersonate(
  account: string,
  accessToken: string,
  { accounts = ACCOUNTS, ...options }: HttpOptions & { readonly accounts?: string } = {},
): Promise<string> {
  const purpose = `become ${account}`;
  const response = await registryRequest(
    {
      method: 'POST',
      url: new URL(`${accounts}${account}:generateAccessToken`),
      authorization: `Bearer ${accessToken}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ scope: [SCOPE] }),
      purpose,
      largestBody: LARGEST_RESPONSE,
    },
    options,
  );
  if (response.status !== 200)
    throw responseError(purpose, response, [accessToken], IAM_CREDENTIALS);
  const { data } = z.object({ accessToken: z.string() }).safeParse(parseJson(response.bytes));
  if (data !== undefined) return data.accessToken;
  throw badAnswer(purpose, 'Google gave no token', 'try again later');
}
