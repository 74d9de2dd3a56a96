import { expect } from 'vitest';
import {
  UNKNOWN,
  type Properties,
  type ResourceType,
} from '../../../../infra/oci/protocol/resource-type.ts';
import { createGcpStandIn } from '../../../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';

export const TOKEN = 'token-of-the-tests';
export { UNKNOWN };

interface SentRequest {
  /** `POST artifactregistry/v1/projects/...?repository_id=images`, without `alt`. */
  readonly call: string;
  readonly body: unknown;
}

/** A response: a body for a 200, or a status with its error. */
type ScriptedResponse =
  | Properties
  | { readonly status: number; readonly message?: string; readonly name?: string };

/** The responses to a call, in order; the last one for good. */
export type Script = Readonly<Record<string, ScriptedResponse | readonly ScriptedResponse[]>>;

/** The stand-in in front of a Google that throws on a call without a script. Waits take no time. */
export async function scriptedGoogle(script: Script, settings: Properties = {}) {
  const sent: SentRequest[] = [];
  const calls = () => sent.map(({ call }) => call);
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    url.searchParams.delete('alt');
    const api = url.hostname.replace('.googleapis.com', '');
    const call = `${init?.method ?? 'GET'} ${api}${decodeURIComponent(url.pathname)}${url.search}`;
    const earlier = calls().filter((one) => one === call).length;
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    sent.push({ call, body });
    const responses = [script[call] ?? []].flat() as readonly ScriptedResponse[];
    const response = responses[Math.min(earlier, responses.length - 1)];
    if (response === undefined) throw new Error(`${call} was not expected`);
    return Promise.resolve(responseOf(response));
  };
  const sleep = () => Promise.resolve();
  const plugin = createGcpStandIn({}, { fetch, sleep });
  const place = { project: 'ci-images', region: 'europe-west4' };
  await plugin.configure?.({ accessToken: TOKEN, ...place, ...settings });
  return {
    plugin,
    sent,
    calls,
    resource: (token: string) => {
      const type = plugin.resources[token];
      if (type === undefined) throw new Error(`no ${token}`);
      return callsOf(type, `urn:pulumi:s::p::${token}::thing`);
    },
  };
}

const NAMES: Readonly<Record<number, string>> = {
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
};

function responseOf(response: ScriptedResponse): Response {
  const { status: code, message = 'no', name } = response;
  if (typeof code !== 'number') return Response.json(response);
  const error = { code, message, status: name ?? NAMES[code] ?? 'FAILED' };
  return Response.json({ error }, { status: code });
}

function callsOf(type: ResourceType, urn: string) {
  const context = { urn, log: () => undefined, signal: new AbortController().signal };
  const check = async (news: Properties) => {
    const checked = await type.check?.({ ...context, olds: undefined, news });
    return { inputs: checked?.inputs ?? {}, failures: checked?.failures ?? [] };
  };
  const inputsOf = async (news: Properties) => {
    const { inputs, failures } = await check(news);
    expect(failures).toEqual([]);
    return inputs;
  };
  return {
    /** The properties that have problems. */
    problems: async (news: Properties) =>
      (await check(news)).failures.map(({ property }) => property),
    /** Checks and creates. */
    create: async (news: Properties, preview = false) =>
      type.create({ ...context, inputs: await inputsOf(news), preview }),
    /** The difference between the state and what the program wants. */
    diff: async (oldOutputs: Properties, news: Properties, oldInputs: Properties = {}) =>
      type.diff({ ...context, id: 'id', oldInputs, oldOutputs, news: await inputsOf(news) }),
    update: async (id: string, oldOutputs: Properties, news: Properties) => {
      const inputs = { oldInputs: {}, oldOutputs, news: await inputsOf(news) };
      return type.update({ ...context, id, ...inputs, preview: false });
    },
    read: async (id: string, inputs: Properties = {}, outputs: Properties = {}) =>
      type.read?.({ ...context, id, inputs, outputs }),
    delete: async (id: string, outputs: Properties = {}) =>
      type.delete?.({ ...context, id, outputs }),
  };
}
