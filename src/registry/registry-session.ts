import type { Registry } from '../image-reference.ts';
import { answerChallenge, type Login } from './authorization.ts';
import { HIDDEN_FROM_ACCOUNT, type Visitor } from './login-remedies.ts';
import type { Credentials } from './credentials.ts';
import type { HttpOptions, HttpResponse } from '../http/fetch-with-retry.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';
import { registryRequest, responseError, type RegistryRequest } from './registry-request.ts';
import { responder } from './responder.ts';
import { HiddenRepositoryError, isRefusal, RegistryError } from './registry-error.ts';
import { registryOrigin } from './registry-origin.ts';

/** Authorization headers by scope. Clients of one registry and one account may share it. */
export type AuthorizationCache = Map<string, Promise<string | undefined>>;

export interface SessionOptions extends HttpOptions {
  readonly registry: Registry;
  /** `undefined` for requests without an account; a function where the account is renewed. */
  readonly credentials: Credentials | undefined | (() => Promise<Credentials | undefined>);
  readonly authorizations?: AuthorizationCache;
  /**
   * Whether this run, or one later than it, may make a repository. Some registries refuse to read one that is not
   * there, as if a right was missing, and answer once the token is for pushing as well, by which quay.io even makes it.
   * Before that, such a refusal is a `HiddenRepositoryError`.
   */
  readonly mayMake?: 'now' | 'later' | undefined;
}

/** A request to the registry; `scope` is what its token must allow. */
export interface SessionRequest extends RegistryRequest {
  readonly scope: string;
  /** What to do about responses that refuse such a request, where the registry does not say why. */
  readonly remedies?: readonly ResponseRemedy[];
  /** Whether the request is about a path that is no repository, and must not become one. */
  readonly makesNone?: boolean;
}

/** Sends requests to one registry, with a login where the registry wants one. */
export interface RegistrySession {
  readonly origin: URL;
  /** Returns every response but a 401 to anything else than HEAD, which is thrown. */
  send(request: SessionRequest): Promise<HttpResponse>;
  /** Returns a response with status 200, or `undefined` for a 404. Throws for every other. */
  find(request: SessionRequest): Promise<HttpResponse | undefined>;
  errorOf(
    request: Pick<SessionRequest, 'purpose' | 'remedies'>,
    response: HttpResponse,
  ): RegistryError;
  /** The newest time that the registry has stated in a response; `undefined` before the first one. */
  clock(): Date | undefined;
  /** The Authorization header that requests of this scope had; `undefined` for another server than the registry. */
  authorizationAt(url: URL, scope: string): Promise<string | undefined>;
}

const PUSHING = 'pull,push';

/** The scope of a challenge to a request that reads (Docker's "Token Authentication Specification"). */
const READING = /(scope="repository:[^"\s]*:)pull"/;

async function isRefused(sent: Promise<HttpResponse>): Promise<boolean> {
  try {
    return [401, 403].includes((await sent).status);
  } catch (error) {
    return isRefusal(error);
  }
}

export function registrySession(session: SessionOptions): RegistrySession {
  const { registry, credentials, mayMake, ...options } = session;
  const authorizations: AuthorizationCache = session.authorizations ?? new Map();
  const origin = registryOrigin(registry);
  const secrets = new Set<string>();
  let visitor: Visitor = { registry, credentials: undefined };

  /** The account as of now, which no message may show, whether it is sent or not. */
  async function logIn(): Promise<Login> {
    const current = typeof credentials === 'function' ? await credentials() : credentials;
    visitor = { registry, credentials: current };
    if (current !== undefined) {
      secrets.add('password' in current ? current.password : current.identityToken);
    }
    return { ...visitor, origin, secrets, options };
  }

  /** A new header for `scope`; only one is fetched for all who hold the same outdated one. */
  async function authorize(
    scope: string,
    outdated: Promise<string | undefined> | undefined,
    response: HttpResponse,
  ) {
    const current = authorizations.get(scope);
    if (current !== undefined && current !== outdated) return current;
    const header = response.headers.get('www-authenticate') ?? '';
    const challenge = scope.endsWith(PUSHING) ? header.replace(READING, `$1${PUSHING}"`) : header;
    const fresh = logIn().then((login) => answerChallenge(challenge, scope, login));
    authorizations.set(scope, fresh);
    try {
      return await fresh;
    } catch (error) {
      if (authorizations.get(scope) === fresh) authorizations.delete(scope);
      throw error instanceof RegistryError ? asHidden(error) : error;
    }
  }

  let newest: number | undefined;

  async function sendAs(authorization: string | undefined, request: SessionRequest) {
    if (authorization !== undefined) secrets.add(authorization.replace(/^\w+ /, ''));
    const response = await registryRequest(
      {
        ...request,
        authorization,
        // Sizes and digests are those of the bytes as they were pushed.
        headers: { 'accept-encoding': 'identity', ...request.headers },
        mayRedirect: ({ protocol }) => protocol === 'https:' || protocol === origin.protocol,
      },
      options,
    );
    if (response.origin === origin.origin) noteTime(response);
    return response;
  }

  function noteTime({ headers }: HttpResponse): void {
    const time = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(time) && time > (newest ?? 0)) newest = time;
  }

  const asHidden = (error: RegistryError) =>
    mayMake === 'later' && error.remedy === HIDDEN_FROM_ACCOUNT
      ? new HiddenRepositoryError(error)
      : error;

  const errorOf: RegistrySession['errorOf'] = ({ purpose, remedies }, response) => {
    const by = responder(response, origin, visitor, remedies);
    return asHidden(responseError(purpose, response, secrets, by));
  };

  async function send(request: SessionRequest): Promise<HttpResponse> {
    const isMaking = mayMake === 'now' && request.makesNone !== true;
    if (!isMaking || !request.scope.endsWith(':pull')) return sendOnce(request);
    const first = sendOnce(request);
    if (!(await isRefused(first))) return first;
    const second = sendOnce({ ...request, scope: request.scope.replace(/pull$/, PUSHING) });
    // What is refused again is a missing right, by the words of the first time.
    return (await isRefused(second)) ? first : second;
  }

  async function sendOnce(request: SessionRequest) {
    await logIn();
    // The registry may name another server, such as its storage, to upload to.
    const isOwn = request.url.origin === origin.origin;
    const cached = isOwn ? authorizations.get(request.scope) : undefined;
    const response = await sendAs(await cached, request);
    if (response.status !== 401) return response;
    // The account is the registry's, and not for a server that the registry redirects to.
    const authorization =
      isOwn && response.origin === origin.origin
        ? await authorize(request.scope, cached, response)
        : undefined;
    const last = authorization === undefined ? response : await sendAs(authorization, request);
    // A refused HEAD says nothing: see `headManifest`.
    if (last.status === 401 && request.method !== 'HEAD') throw errorOf(request, last);
    return last;
  }

  async function find(request: SessionRequest) {
    const response = await send(request);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw errorOf(request, response);
    return response;
  }

  const clock = () => (newest === undefined ? undefined : new Date(newest));
  const authorizationAt = async ({ origin: at }: URL, scope: string) =>
    at === origin.origin ? authorizations.get(scope) : undefined;

  return { origin, send, find, errorOf, clock, authorizationAt };
}
