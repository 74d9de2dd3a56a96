import { percentDecoded } from '../../../../src/url.ts';
import { ApiError, invalidArgument } from './api-error.ts';
import { jsonName } from './message-json.ts';

/** A request for one method, taken apart. */
export interface ApiRequest {
  /** The path without version and verb, decoded: the full name of a resource or a collection. */
  readonly name: string;
  /** The values of the template's parameters, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** By their JSON names: `repository_id` is under `repositoryId`. System parameters are left out. */
  readonly query: ReadonlyMap<string, string>;
  /** The JSON body; `{}` when there is none. */
  readonly body: unknown;
  /** The caller's access token; `undefined` where a method of the emulator's own needs none. */
  readonly token: string | undefined;
}

/** One method of an API. */
export interface Route {
  readonly method: string;
  /** Of the path; a named group for each parameter, and `name`. */
  readonly pattern: RegExp;
  /** Gives the body of the 200, or throws an `ApiError`. */
  respond(request: ApiRequest): object | Promise<object>;
}

/**
 * A method at a path as Google's reference writes it, such as `v1/projects/{project}:getIamPolicy`.
 * `{parent+}` stands for several segments.
 */
export function route(method: string, template: string, respond: Route['respond']): Route {
  const source = template
    .replace(/^(v1\/)?(.*?)(:\w+)?$/, '$1(?<name>$2)$3')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    .replaceAll(/\{(\w+)\+\}/g, '(?<$1>.+)');
  return { method, pattern: new RegExp(`^/${source}$`), respond };
}

/**
 * The response of the first route that fits. A route with a verb (`...:pause`) must come before the one
 * without, whose last parameter would take the verb in.
 */
export async function respond(
  routes: readonly Route[],
  method: string,
  url: URL,
  rest: Pick<ApiRequest, 'body' | 'token'>,
): Promise<object> {
  // The official plug-in may double the version: it takes the version off an endpoint with https only.
  const path = url.pathname.replace(/^(?:\/v1)+\/v1\//, '/v1/');
  for (const candidate of routes) {
    const found = candidate.method === method ? candidate.pattern.exec(path)?.groups : undefined;
    if (found === undefined) continue;
    const decoded = Object.entries(found).map(([name, text]) => [name, decode(text)] as const);
    const { name = '', ...params } = Object.fromEntries(decoded);
    return candidate.respond({ name, params, query: readQuery(url), ...rest });
  }
  throw new ApiError('NOT_FOUND', `The emulator knows no method ${method} ${path}.`);
}

/** Parameters of every Google API, whatever the method ("Standard query parameters"). */
const SYSTEM_PARAMETER =
  /^(?:\$\.xgafv|\$?userProject|access_token|alt|fields|key|oauth_token|prettyPrint|quotaUser)$/;
/** Parameters of single methods. */
const PARAMETER =
  /^(?:filter|options\.requestedPolicyVersion|pageSize|pageToken|updateMask|[a-zA-Z]+Id)$/;

function readQuery({ searchParams }: URL): ReadonlyMap<string, string> {
  const own = [...searchParams].filter(([name]) => !SYSTEM_PARAMETER.test(name));
  const [foreign] = own.find(([name]) => !PARAMETER.test(jsonName(name))) ?? [];
  if (foreign === undefined) return new Map(own.map(([name, value]) => [jsonName(name), value]));
  const payload = 'Invalid JSON payload received.';
  throw invalidArgument(`${payload} Unknown name "${foreign}": Cannot bind query parameter.`);
}

function decode(text: string): string {
  const decoded = percentDecoded(text);
  if (decoded === undefined) throw invalidArgument(`Invalid path segment "${text}".`);
  return decoded;
}
