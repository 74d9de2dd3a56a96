import { percentDecoded } from '../../../../src/url.ts';
import { ApiError, invalidArgument } from './api-error.ts';
import { jsonName } from './message-json.ts';

/** A request for one method, taken apart. */
export interface ApiRequest<Parameter extends string = string> {
  /** The path without version and verb, decoded: the full name of a resource or a collection. */
  readonly name: string;
  /** The values of the template's parameters, decoded. */
  readonly params: Readonly<Record<Parameter, string>>;
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
  readonly template: string;
  readonly query: readonly string[];
  /** Gives the body of the 200, or throws an `ApiError`. */
  respond(request: ApiRequest): object | Promise<object>;
}

type ParametersOf<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}` ? Name | ParametersOf<Rest> : never;

/**
 * A method at a path as Google's reference writes it, such as `v1/projects/{project}:getIamPolicy`.
 * `query` are the parameters that it takes.
 */
export function route<Template extends string>(
  method: string,
  template: Template,
  respond: (request: ApiRequest<ParametersOf<Template>>) => object | Promise<object>,
  query: readonly string[] = [],
): Route {
  return { method, template, respond, query };
}

/** A request as it arrived. */
export interface RawRequest extends Pick<ApiRequest, 'body' | 'token'> {
  readonly method: string;
  readonly url: URL;
}

/**
 * The response of the first route that fits. A route with a verb (`...:pause`) must come before the one
 * without, whose last parameter would take the verb in.
 */
export async function respond(
  routes: readonly Route[],
  { method, url, body, token }: RawRequest,
): Promise<object> {
  // The official plug-in may double the version: it takes the version off an endpoint with https only.
  const path = url.pathname.replace(/^(?:\/v1)+\/v1\//, '/v1/');
  for (const candidate of routes) {
    if (candidate.method !== method) continue;
    const { template } = candidate;
    const source = template.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const match = new RegExp(`^/${source}$`).exec(path);
    if (match === null) continue;
    const encoded = Object.entries(match.groups ?? {});
    const params = Object.fromEntries(encoded.map(([name, text]) => [name, decode(text)]));
    const name = template
      .replace(/^v1\//, '')
      .replace(/:\w+$/, '')
      .replaceAll(/\{(\w+)\}/g, (_, parameter: string) => params[parameter] ?? '');
    return candidate.respond({ name, params, query: readQuery(candidate, url), body, token });
  }
  throw new ApiError('NOT_FOUND', `The emulator knows no method ${method} ${path}.`);
}

/** Parameters of every Google API, whatever the method ("Standard query parameters"). */
const SYSTEM_PARAMETER =
  /^(?:\$\.xgafv|\$?userProject|access_token|alt|fields|key|oauth_token|prettyPrint|quotaUser)$/;

function readQuery({ query }: Route, { searchParams }: URL): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (SYSTEM_PARAMETER.test(name)) continue;
    if (!query.includes(jsonName(name))) {
      throw invalidArgument(
        `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. ` +
          `Field '${name}' could not be found in request message.`,
      );
    }
    found.set(jsonName(name), value);
  }
  return found;
}

function decode(text: string): string {
  const decoded = percentDecoded(text);
  if (decoded === undefined) throw invalidArgument(`Invalid path segment "${text}".`);
  return decoded;
}
