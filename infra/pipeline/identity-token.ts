import { z } from 'zod';
import { fetchWithRetry } from '../../src/http/fetch-with-retry.ts';
import { parseJson } from '../../src/json.ts';
import { messageOf } from '../../src/problem.ts';

const LARGEST_RESPONSE = 100_000;

/**
 * The identity token of a pipeline's job: GitLab's is in a variable, GitHub gives one for an audience ("About
 * security hardening with OpenID Connect"). Throws an error that quotes nothing of a response.
 */
async function identityToken(env: NodeJS.ProcessEnv): Promise<string> {
  const { GOOGLE_ID_TOKEN: given = '', GOOGLE_WORKLOAD_IDENTITY_PROVIDER: provider = '' } = env;
  if (given !== '') return given;
  const url = new URL(env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
  url.searchParams.set('audience', `https://iam.googleapis.com/${provider}`);
  const authorization = `Bearer ${env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}`;
  const response = await fetchWithRetry({ url, authorization, largestBody: LARGEST_RESPONSE });
  if ('failure' in response) throw new Error(`GitHub gives no identity token: ${response.reason}`);
  const { data } = z.object({ value: z.string() }).safeParse(parseJson(response.bytes));
  if (data !== undefined) return data.value;
  throw new Error(`GitHub gives no identity token: it answered ${response.status}`);
}

/**
 * Prints the token as Google's libraries want it of a program ("executable-sourced credentials", AIP-4117), which
 * run it whenever they need one: no token is written to a file, where a killed pipeline would leave it.
 */
async function main(): Promise<object> {
  try {
    const token = await identityToken(process.env);
    return { success: true, token_type: 'urn:ietf:params:oauth:token-type:jwt', id_token: token };
  } catch (error) {
    return { success: false, code: 'NO_IDENTITY_TOKEN', message: messageOf(error) };
  }
}

console.log(JSON.stringify({ version: 1, ...(await main()) }));
