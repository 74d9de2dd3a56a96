import { isDeepStrictEqual } from 'node:util';
import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../oci/protocol/unary.ts';
import { DELETION_POLICY, PROJECT, type Fields } from './fields.ts';
import type { GcpKind } from './gcp-resource-type.ts';
import {
  hasCode,
  unlessGone,
  waitForOperation,
  type GoogleRequest,
  type Work,
} from './google-client.ts';
import { fillPath, namesIn, pick, present, withoutEmptyParts, valuesIn } from './property.ts';

/** How one of Google's REST APIs has resources of one kind, all of which belong to a project. */
export interface RestResource
  extends
    Pick<GcpKind, 'token' | 'fields' | 'outputs' | 'planned'>,
    Pick<GoogleRequest, 'service'> {
  /** For messages: `job`. */
  readonly noun: string;
  /** The template of its full name, of inputs and planned outputs: `projects/{project}/locations/{region}/jobs/{name}`. */
  readonly path: string;
  /** Its id, in the same way; `path` if absent. */
  readonly id?: string;
  /** The parameter that has the last part of a new one's path. */
  readonly idParameter?: string;
  /** The body that creates one, by its fields; the fields if absent. */
  readonly createBody?: (fields: Properties, path: string) => Properties;
  /** The call that creates one, where there is one. It does no harm to one that is there. */
  readonly creation?: string;
  /** Whether the program takes over one that exists already. */
  readonly adopts?: (inputs: Properties) => boolean;
  /** The call that brings back one that Google keeps as `deleted`. */
  readonly revival?: string;
  /** The request that changes one. The default has the fields that differ, and a mask in its query. */
  readonly updateRequest?: (
    fields: Properties,
    mask: string,
    all: Properties,
  ) => Pick<GoogleRequest, 'body' | 'query'>;
  /** A field that no body has, and the call that sets it. */
  readonly flag?: { readonly field: string; readonly callFor: (isOn: boolean) => string };
  /** Whether Google has one, and not only a memory of it. */
  readonly isThere?: (found: Properties) => boolean;
  /** Further outputs, with the values of the id. */
  readonly stateOf?: (found: Properties, was: Properties, named: Properties) => Properties;
  /** True: it stays when the program no longer has it. */
  readonly stays?: true;
}

/** The fields of a resource as the program has them, and as Google has them. */
function fieldsBetween(rest: RestResource) {
  const { path: template, id: idTemplate = template, flag } = rest;
  const fields: Fields = { project: PROJECT, ...rest.fields, deletionPolicy: DELETION_POLICY };
  const notSent = [...namesIn(template), flag?.field];
  const sent = Object.keys(fields).filter(
    (name) => fields[name]?.local !== true && !notSent.includes(name),
  );
  const remoteName = (name: string) => fields[name]?.remote ?? name;
  return {
    fields,
    remoteName,
    /** The names of those that a request creates a resource with, and of those that one can change. */
    sent,
    mutable: sent.filter((name) => fields[name]?.replaces !== true),

    /** The fields of these names, as a request has them. */
    sendable: (desired: Properties, names: readonly string[]): Properties => {
      const entries = names.flatMap((name) => {
        const value = fields[name]?.send?.(desired) ?? withoutEmptyParts(desired[name]);
        return value === undefined ? [] : [[remoteName(name), value] as const];
      });
      return Object.fromEntries(entries);
    },

    /** The outputs of a resource that Google has. */
    stateOf: (id: string, found: Properties, was: Properties): Properties => {
      const inputs = present(Object.keys(fields), (name) => {
        const { local, receive, absent } = fields[name] ?? {};
        const there = found[remoteName(name)];
        return local === true ? undefined : ((receive ? receive(there) : there) ?? absent);
      });
      const named = valuesIn(idTemplate, id);
      const state = { ...inputs, ...pick(found, rest.outputs), ...named };
      return { ...state, ...rest.stateOf?.(found, was, named) };
    },
  };
}

/** The one implementation of create, read, update and delete for the resources of Google's REST APIs. */
export function restKind(rest: RestResource): GcpKind {
  const { path: template, id: idTemplate = template, flag, isThere = () => true } = rest;
  const { updateRequest = (body, updateMask) => ({ body, query: { updateMask } }) } = rest;
  const { fields, remoteName, sent, mutable, sendable, stateOf } = fieldsBetween(rest);
  const pathOf = (id: string) => fillPath(template, valuesIn(idTemplate, id));

  /** Sends a request for the resource. Returns the response; `undefined` after a long-running operation. */
  async function send(
    verb: string,
    id: string,
    request: Pick<GoogleRequest, 'method'> & Partial<GoogleRequest>,
    work: Work,
  ): Promise<Properties | undefined> {
    const whole: GoogleRequest = {
      service: rest.service,
      path: pathOf(id),
      purpose: `${verb === 'get' ? 'read' : verb} the ${rest.noun}`,
      ...request,
    };
    return waitForOperation(await work.send(whole), whole, work);
  }

  /** Sends a call of the resource itself, such as `:pause`. */
  function call(verb: string, id: string, work: Work) {
    const request = { method: 'POST', path: `${pathOf(id)}:${verb}`, body: {} } as const;
    return send(verb, id, request, work);
  }

  const find = (id: string, work: Work) => unlessGone(send('get', id, { method: 'GET' }, work));

  async function read(id: string, was: Properties, work: Work): Promise<Properties | undefined> {
    const found = await find(id, work);
    return found === undefined || !isThere(found) ? undefined : stateOf(id, found, was);
  }

  /** Brings back a resource that Google keeps as deleted. Returns whether it did. */
  async function revive(id: string, work: Work): Promise<boolean> {
    if (rest.revival === undefined) return false;
    const found = await find(id, work);
    if (found?.['deleted'] !== true) return false;
    await call(rest.revival, id, work);
    return true;
  }

  /** Creates the resource. Returns it as the response has it, if it does. */
  async function make(id: string, desired: Properties, work: Work) {
    if (rest.creation !== undefined) return call(rest.creation, id, work);
    const all = sendable(desired, sent);
    const end = id.lastIndexOf('/');
    const request = {
      method: 'POST',
      path: id.slice(0, end),
      query: rest.idParameter === undefined ? {} : { [rest.idParameter]: id.slice(end + 1) },
      body: rest.createBody?.(all, id) ?? all,
    } as const;
    try {
      return await send('create', id, request, work);
    } catch (error) {
      if (hasCode(error, 409) && rest.adopts?.(desired) === true) return undefined;
      throw error;
    }
  }

  async function setFlag(id: string, wanted: Properties, work: Work): Promise<void> {
    if (flag === undefined) return;
    await call(flag.callFor(wanted[flag.field] === true), id, work);
  }

  const change: GcpKind['update'] = async (id, { was, desired, changed }, work) => {
    // What an import does not know, such as labels, may differ here and not at Google.
    const isNews = (name: string) =>
      !isDeepStrictEqual(sendable(was, [name]), sendable(desired, [name]));
    const names = mutable.filter((name) => changed.includes(name) && isNews(name));
    if (names.length > 0) {
      const body = sendable(desired, names);
      const updateMask = names.map(remoteName).join(',');
      const request = updateRequest(body, updateMask, sendable(desired, mutable));
      await send('update', id, { ...request, method: 'PATCH' }, work);
    }
    if (flag !== undefined && changed.includes(flag.field)) await setFlag(id, desired, work);
    return stillThere(id, await read(id, desired, work));
  };

  return {
    ...rest,
    fields,
    idOf: (desired) => fillPath(idTemplate, desired),
    read,

    async create(id, desired, work) {
      if (await revive(id, work)) {
        return change(id, { was: {}, desired, changed: Object.keys(fields) }, work);
      }
      const made = await make(id, desired, work);
      const state = stateOf(id, made ?? {}, desired);
      if (made !== undefined && flag === undefined) return state;
      let found: Properties | undefined;
      try {
        await setFlag(id, desired, work);
        found = await read(id, desired, work);
      } catch (cause) {
        const inputs = pick(desired, Object.keys(fields));
        throw new UnfinishedError(cause, { id, inputs, outputs: { ...inputs, ...state } });
      }
      return stillThere(id, found);
    },

    async update(id, update, work) {
      await revive(id, work);
      return change(id, update, work);
    },

    async delete(id, _was, work) {
      if (rest.stays !== true) await unlessGone(send('delete', id, { method: 'DELETE' }, work));
    },
  };
}

function stillThere(id: string, state: Properties | undefined): Properties {
  if (state !== undefined) return state;
  throw new Error(`${id} was there and is gone again`);
}
