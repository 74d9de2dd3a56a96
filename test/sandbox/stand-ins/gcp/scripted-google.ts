import { expect } from 'vitest';
import {
  UNKNOWN,
  type Properties,
  type ResourceType,
} from '../../../../infra/oci/protocol/resource-type.ts';
import { createGcpStandIn } from '../../../../infra/sandbox/stand-ins/gcp/gcp-stand-in.ts';

export const TOKEN = 'token-of-the-tests';
export const PROJECT = 'ci-images';
export const REGION = 'europe-west4';
export { UNKNOWN };

export interface Asked {
  /** `POST artifactregistry/v1/projects/...?repository_id=images`, without `alt`. */
  readonly call: string;
  readonly body: unknown;
  readonly authorization: string | null;
}

/** An answer: a body for a 200, or a status with its error. */
export type Answer =
  Properties | { readonly status: number; readonly message?: string; readonly name?: string };

/**
 * The stand-in before a Google that answers by call, in order, its last answer for good, and throws on
 * any other call. Waits pass in no time.
 */
export async function scriptedGoogle(
  answers: Readonly<Record<string, Answer | readonly Answer[]>>,
  settings: Properties = {},
) {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    url.searchParams.delete('alt');
    const api = url.hostname.replace('.googleapis.com', '');
    const call = `${init?.method ?? 'GET'} ${api}${decodeURIComponent(url.pathname)}${url.search}`;
    const seen = asked.filter((one) => one.call === call).length;
    const { body } = init ?? {};
    const authorization = new Headers(init?.headers).get('authorization');
    asked.push({
      call,
      body: typeof body === 'string' ? JSON.parse(body) : undefined,
      authorization,
    });
    const script = answers[call];
    if (script === undefined) throw new Error(`${call} was not expected`);
    const list = Array.isArray(script) ? (script as readonly Answer[]) : [script as Answer];
    return Promise.resolve(responseOf(list[Math.min(seen, list.length - 1)] ?? {}));
  };
  const sleep = () => Promise.resolve();
  const plugin = createGcpStandIn({}, { fetch, sleep, timeout: 1000 });
  await plugin.configure?.({ accessToken: TOKEN, project: PROJECT, region: REGION, ...settings });
  return {
    plugin,
    asked,
    /** What was asked, without the bodies. */
    calls: () => asked.map(({ call }) => call),
    resource: (token: string, name = 'thing') => {
      const type = plugin.resources[token];
      if (type === undefined) throw new Error(`no ${token}`);
      return callsOf(type, `urn:pulumi:s::p::${token}::${name}`);
    },
  };
}

function responseOf(answer: Answer): Response {
  const { status, message } = answer;
  if (typeof status !== 'number') return Response.json(answer);
  const names: Record<number, string> = {
    403: 'PERMISSION_DENIED',
    404: 'NOT_FOUND',
    409: 'ALREADY_EXISTS',
  };
  const error = {
    code: status,
    message: message ?? 'no',
    status: answer.name ?? names[status] ?? 'FAILED',
  };
  return Response.json({ error }, { status });
}

function callsOf(type: ResourceType, urn: string) {
  const context = { urn, log: () => undefined, signal: new AbortController().signal };
  const check = async (news: Properties, olds?: Properties) => {
    const checked = await type.check?.({ ...context, olds, news });
    expect(checked).toBeDefined();
    return { inputs: checked?.inputs ?? {}, failures: checked?.failures ?? [] };
  };
  const inputsOf = async (news: Properties) => {
    const { inputs, failures } = await check(news);
    expect(failures).toEqual([]);
    return inputs;
  };
  return {
    check,
    /** Checks and creates. */
    create: async (news: Properties, preview = false) =>
      type.create({ ...context, inputs: await inputsOf(news), preview }),
    /** The difference between what is there and what the program wants. */
    diff: async (oldOutputs: Properties, news: Properties, oldInputs: Properties = {}) =>
      type.diff({ ...context, id: 'id', oldInputs, oldOutputs, news: await inputsOf(news) }),
    update: async (id: string, oldOutputs: Properties, news: Properties) =>
      type.update?.({
        ...context,
        id,
        oldInputs: {},
        oldOutputs,
        news: await inputsOf(news),
        preview: false,
      }),
    read: (id: string, inputs: Properties = {}, outputs: Properties = {}) =>
      type.read({ ...context, id, inputs, outputs }),
    delete: (id: string, outputs: Properties = {}) => type.delete({ ...context, id, outputs }),
  };
}
