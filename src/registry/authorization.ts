import { z } from 'zod';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import { parseJson } from '../json.ts';
import { basicAuthorization, isLoopback } from '../url.ts';
import { parseChallenges, type Challenge } from './challenges.ts';
import { tokenRefusals, type Visitor } from './login-remedies.ts';
import { registryResponder, type Responder } from './responder.ts';
import { badAnswer, RegistryError } from './registry-error.ts';
import { isDockerHub } from './registry-origin.ts';
import { registryRequest, responseError, type RegistryRequest } from './registry-request.ts';

// Printable only: `fetch` would quote any other header value in its error message.
const Token = z.string().regex(/^[\x21-\x7e]+$/);

/**
 * Docker's "Token Authentication Specification"; either name is in use, and the other one may be there without
 * a value, as in Harbor's responses.
 */
const TokenResponse = z
  .object({
    token: Token.optional().catch(undefined),
    access_token: Token.optional().catch(undefined),
  })
  .transform(({ token, access_token }) => token ?? access_token);

const LARGEST_TOKEN_RESPONSE = 100_000;

/** The account at a registry, and how requests go out. */
export interface Login extends Visitor {
  readonly origin: URL;
  /** All that is secret, to be struck out of messages. Each new secret is added. */
  readonly secrets: Set<string>;
  readonly options: HttpOptions;
}

/**
 * The Authorization header that answers a 401's challenge: `Bearer` with a token of the realm that the
 * challenge names, anonymous without credentials, or `Basic`. `undefined` when none can.
 *
 * @param scope such as `repository:a/b:pull`, for a challenge that names none
 */
export async function answerChallenge(
  header: string,
  scope: string,
  login: Login,
): Promise<string | undefined> {
  const challenges = parseChallenges(header);
  const bearer = challenges.find(
    ({ scheme, parameters }) => scheme === 'bearer' && parameters['realm'] !== undefined,
  );
  if (bearer !== undefined) return `Bearer ${await requestToken(bearer.parameters, scope, login)}`;
  return challenges.some(({ scheme }) => scheme === 'basic') ? basicOf(login) : undefined;
}

function basicOf({ credentials, secrets }: Login): string | undefined {
  if (credentials === undefined || !('username' in credentials)) return undefined;
  const authorization = basicAuthorization(credentials.username, credentials.password);
  secrets.add(authorization.slice('Basic '.length));
  return authorization;
}

async function requestToken(
  { realm: address = '', service, scope: scopes }: Challenge['parameters'],
  scope: string,
  login: Login,
): Promise<string> {
  const { credentials, origin, secrets, options } = login;
  const realm = parseRealm(address, login);
  const query = new URLSearchParams();
  if (service !== undefined) query.set('service', service);
  for (const one of (scopes ?? scope).split(' ')) query.append('scope', one);
  const purpose = `get a token for ${origin.host} from ${realm.host}`;
  const shared = { purpose, url: realm, largestBody: LARGEST_TOKEN_RESPONSE };
  let request: RegistryRequest;
  if (credentials !== undefined && 'identityToken' in credentials) {
    query.set('grant_type', 'refresh_token');
    query.set('client_id', 'kubernetes-ci-images');
    query.set('refresh_token', credentials.identityToken);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    request = { ...shared, method: 'POST', headers, body: query.toString() };
  } else {
    for (const [key, value] of query) realm.searchParams.append(key, value);
    request = { ...shared, authorization: basicOf(login) };
  }
  const response = await registryRequest(request, options);
  if (response.status !== 200) throw responseError(purpose, response, secrets, tokenService(login));
  const token = TokenResponse.safeParse(parseJson(response.bytes)).data;
  if (token !== undefined) return token;
  throw badAnswer(purpose, 'the response has no token', WRONG_SERVICE);
}

const WRONG_SERVICE = 'have the operator of the registry correct its token service';

function tokenService(login: Login): Responder {
  const wrong = { status: /3..|404/, remedy: WRONG_SERVICE };
  return registryResponder('its token service', [...tokenRefusals(login), wrong]);
}

/**
 * Whoever answers at the registry's address names the realm. So no secret goes there in plain text, and the
 * account goes to known token services only.
 */
function parseRealm(text: string, { origin, credentials }: Login): URL {
  const realm = URL.parse(text);
  const isLocal =
    realm?.protocol === 'http:' && isLoopback(realm.hostname) && isLoopback(origin.hostname);
  const sends = `${origin.host} sends clients for a token to ${JSON.stringify(text.slice(0, 200))}`;
  if (realm?.username !== '' || !(realm.protocol === 'https:' || isLocal)) {
    throw new RegistryError(
      'REGISTRY_UNSAFE',
      `${sends}, which is not https`,
      'make sure that this is the registry you mean, and give it an https realm',
    );
  }
  const others = process.env[TOKEN_SERVICES] ?? '';
  if (credentials === undefined || isTokenService(realm, origin, others)) return realm;
  throw new RegistryError(
    'REGISTRY_UNSAFE',
    `${sends}, which is not known to belong to it, so the account was not sent there`,
    `if it is the registry's own token service, set ${TOKEN_SERVICES}=${origin.host}=${realm.origin}${realm.pathname}`,
  );
}

/** The variable that names further token services. */
const TOKEN_SERVICES = 'IMAGES_TOKEN_SERVICES';

/**
 * Whether the account at a registry may be sent to a realm: one at the registry's own origin, the token
 * service of Docker Hub, that of the GitLab that a registry belongs to by its name (`registry.gitlab.example`,
 * `gitlab.example:5050`), or one that `others` names, as `registry=URL` with blanks between.
 */
export function isTokenService(realm: URL, registry: URL, others: string): boolean {
  if (realm.origin === registry.origin) return true;
  const address = realm.origin + realm.pathname;
  return (
    tokenServices(registry).includes(address) ||
    others.split(/\s+/).includes(`${registry.host}=${address}`)
  );
}

function tokenServices({ hostname }: URL): readonly string[] {
  if (isDockerHub(hostname)) return ['https://auth.docker.io/token'];
  return [hostname, hostname.replace(/^registry\./, '')].map((host) => `https://${host}/jwt/auth`);
}
