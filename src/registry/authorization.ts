import { z } from 'zod';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import type { Credentials } from './credentials.ts';
import { registryRequest, responseError, type RegistryRequest } from './registry-request.ts';
import { RegistryError } from './registry-error.ts';
import { basicAuthorization, isLoopback } from '../url.ts';

// Printable only: `fetch` would quote any other header value in its error message.
const Token = z.string().regex(/^[\x21-\x7e]+$/);

/** Docker's "Token Authentication Specification"; either name is in use. */
const TokenResponse = z
  .object({ token: Token.optional(), access_token: Token.optional() })
  .transform(({ token, access_token }) => token ?? access_token);

const LARGEST_TOKEN_RESPONSE = 100_000;

/** What it takes to answer a challenge. */
export interface Visitor {
  readonly origin: URL;
  readonly credentials: Credentials | undefined;
  /** Whatever is secret is added here, to be struck out of messages. */
  readonly secrets: Set<string>;
  readonly options: HttpOptions;
}

/**
 * The Authorization header that answers a 401's challenge: `Bearer` by a token of the realm that it
 * names, anonymous where there are no credentials, or `Basic`. `undefined` when nothing we have can.
 *
 * @param scope such as `repository:a/b:pull`, for a challenge that names none
 */
export async function answerChallenge(
  header: string,
  scope: string,
  visitor: Visitor,
): Promise<string | undefined> {
  const challenges = parseChallenges(header);
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (bearer !== undefined)
    return `Bearer ${await requestToken(bearer.parameters, scope, visitor)}`;
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
  return basicOf(visitor);
}

function basicOf({ credentials, secrets }: Visitor): string | undefined {
  if (credentials === undefined || !('username' in credentials)) return undefined;
  const authorization = basicAuthorization(credentials.username, credentials.password);
  secrets.add(authorization.slice('Basic '.length));
  return authorization;
}

async function requestToken(
  parameters: Readonly<Record<string, string>>,
  scope: string,
  visitor: Visitor,
): Promise<string> {
  const realm = parseRealm(parameters['realm'] ?? '', visitor.origin);
  const wanted = new URLSearchParams();
  if (parameters['service'] !== undefined) wanted.set('service', parameters['service']);
  for (const one of (parameters['scope'] ?? scope).split(' ')) wanted.append('scope', one);

  const request = tokenRequest(realm, wanted, visitor);
  const response = await registryRequest(request, visitor.options);
  if (response.status !== 200) throw responseError(request.purpose, response, visitor.secrets);
  const token = TokenResponse.safeParse(parseJson(response.bytes)).data;
  if (token === undefined) {
    throw new RegistryError(
      'REGISTRY_ANSWER',
      `asked to ${request.purpose}, it answered without a token`,
      'look at the log of the registry',
    );
  }
  return token;
}

function tokenRequest(realm: URL, wanted: URLSearchParams, visitor: Visitor): RegistryRequest {
  const shared = {
    purpose: `get a token for ${visitor.origin.host} from ${realm.host}`,
    largestBody: LARGEST_TOKEN_RESPONSE,
  };
  const { credentials } = visitor;
  if (credentials !== undefined && 'identityToken' in credentials) {
    const form = new URLSearchParams([
      ...wanted,
      ['grant_type', 'refresh_token'],
      ['client_id', 'kubernetes-ci-images'],
      ['refresh_token', credentials.identityToken],
    ]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { ...shared, method: 'POST', url: realm, headers, body: form.toString() };
  }
  const url = new URL(realm);
  for (const [key, value] of wanted) url.searchParams.append(key, value);
  return { ...shared, url, authorization: basicOf(visitor) };
}

/** A realm is named by whoever answers at the registry's address, so it is trusted with no plain text. */
function parseRealm(text: string, origin: URL): URL {
  const realm = URL.parse(text);
  const isLocal =
    realm?.protocol === 'http:' && isLoopback(realm.hostname) && isLoopback(origin.hostname);
  if (realm?.username === '' && (realm.protocol === 'https:' || isLocal)) {
    return realm;
  }
  throw new RegistryError(
    'REGISTRY_UNSAFE',
    `${origin.host} sends clients for a token to ${JSON.stringify(text.slice(0, 200))}, which is not https`,
    'make sure that this is the registry you mean, and give it an https realm',
  );
}

/** What a registry demands with a 401 (RFC 9110, "WWW-Authenticate"). Keys are in lower case. */
interface Challenge {
  /** In lower case, such as `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETER = /\s*,?\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/y;
const SCHEME = /\s*,?\s*([\w-]+)(?=\s|,|$)/y;

/** Parses the header's challenges, of which there may be several; stops at what it cannot read. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let position = 0;
  const next = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const found = pattern.exec(header);
    if (found !== null) position = pattern.lastIndex;
    return found;
  };
  for (let scheme = next(SCHEME); scheme !== null; scheme = next(SCHEME)) {
    const parameters: Record<string, string> = {};
    for (let pair = next(PARAMETER); pair !== null; pair = next(PARAMETER)) {
      const [, key = '', quoted, bare] = pair;
      parameters[key.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters });
  }
  return challenges;
}
