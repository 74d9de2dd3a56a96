import { percentDecoded } from '../../../../src/url.ts';
import { ApiError, invalidArgument } from './api-error.ts';

/** One call of a method, taken apart. */
export interface Call<Name extends string = string> {
  /** What the braces of the template stand for, decoded. */
  readonly params: Readonly<Record<Name, string>>;
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
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly query: readonly string[];
  /** Gives the body of the 200, or throws an `ApiError`. */
  answer(call: Call): object | Promise<object>;
}

type NamesOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesOf<Rest>
  : never;

// Taken by every Google API, whatever the method ("Standard query parameters").
const SYSTEM_PARAMETERS = new Set(
  '$.xgafv $userProject access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol userProject'.split(
    ' ',
  ),
);

/**
 * A method at a path as Google's reference writes it, such as `v1/projects/{project}:getIamPolicy`;
 * `query` are the parameters that it takes.
 */
export function route<Template extends string>(
  method: string,
  template: Template,
  answer: (call: Call<NamesOf<Template>>) => object | Promise<object>,
  query: readonly string[] = [],
): Route {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const source = template.replaceAll(/[.]/g, '\\$&').replaceAll(/\{\w+\}/g, '([^/]+)');
  return { method, pattern: new RegExp(`^/${source}$`), names, query, answer };
}

/** A call as it arrived. */
export interface Request extends Pick<Call, 'body' | 'token'> {
  readonly method: string;
  readonly url: URL;
}

/**
 * Answers a call of one of `routes`. A route with a verb (`...:pause`) must come before the one
 * without, whose last parameter would take the verb in.
 */
export async function answerCall(
  routes: readonly Route[],
  { method, url, body, token }: Request,
): Promise<object> {
  const path = plainPath(url);
  for (const candidate of routes) {
    const match = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (match === null) continue;
    const params = Object.fromEntries(
      candidate.names.map((name, at) => [name, decode(match[at + 1] ?? '')]),
    );
    return candidate.answer({ params, query: readQuery(candidate, url), body, token });
  }
  throw new ApiError('NOT_FOUND', `The emulator knows no method ${method} ${path}.`);
}

/**
 * The path without a doubled version: the official plug-in takes the version off the endpoint before
 * a client library adds its own, but only off an endpoint with https.
 */
export function plainPath({ pathname }: URL): string {
  return pathname.replace(/^(?:\/v1)+\/v1\//, '/v1/');
}

function readQuery({ query }: Route, { searchParams }: URL): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (SYSTEM_PARAMETERS.has(name)) continue;
    const jsonName = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!query.includes(jsonName)) {
      throw invalidArgument(
        `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. ` +
          `Field '${name}' could not be found in request message.`,
      );
    }
    found.set(jsonName, value);
  }
  return found;
}

function decode(text: string): string {
  const decoded = percentDecoded(text);
  if (decoded === undefined) throw invalidArgument(`Invalid path segment "${text}".`);
  return decoded;
}
