import { isDeepStrictEqual } from 'node:util';
import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../oci/protocol/unary.ts';
import type { Kind } from './gcp-resource-type.ts';
import {
  hasCode,
  unlessGone,
  waitForOperation,
  type GoogleRequest,
  type Work,
} from './google-client.ts';
import { fillPath, namesIn, parseId, valuesIn } from './path-template.ts';
import { pick, settled } from './property.ts';

type Shared = 'token' | 'fields' | 'outputs' | 'planned' | 'alsoChanged';

/** How one of Google's REST APIs has resources of one kind. */
export interface RestResource extends Pick<Kind, Shared>, Pick<GoogleRequest, 'service'> {
  /** For messages: `job`. */
  readonly noun: string;
  /** The beginning of its permissions: `cloudscheduler.jobs`. */
  readonly permissions: string;
  /** Google's own role that has all of them. */
  readonly role: string;
  /** Its full name by inputs and planned outputs: `projects/{project}/locations/{region}/jobs/{name}`. */
  readonly path: string;
  /** Its id, in the same way; `path` if absent. */
  readonly id?: string;
  /** The verbs of the requests that start a long-running operation. */
  readonly operations?: readonly string[];
  /** The parameter that has the last part of a new one's path. */
  readonly idParameter?: string;
  /** The body that creates one, by its fields; the fields if absent. */
  readonly createBody?: (fields: Properties, path: string) => Properties;
  /** The call that creates one, where there is one; it is not sent where `isThere` is true. */
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
  /** A field that is set by two calls, each with the verb of its permission. */
  readonly flag?: {
    readonly field: string;
    readonly on: readonly [call: string, permission: string];
    readonly off: readonly [call: string, permission: string];
    /** True: it is set for a new one in any case. */
    readonly always?: true;
  };
  /** Whether Google has one, and not only a memory of it. */
  readonly isThere?: (found: Properties) => boolean;
  /** Further outputs, with the values of the id. */
  readonly stateOf?: (found: Properties, was: Properties, named: Properties) => Properties;
  /** True: it stays when the program no longer has it. */
  readonly stays?: true;
}

/** The one implementation of create, read, update and delete for the resources of Google's REST APIs. */
export function restKind(rest: RestResource): Kind {
  const { fields, path: template, id: idTemplate = template, flag, isThere = () => true } = rest;
  const isSent = (name: string) =>
    fields[name]?.local !== true && !namesIn(template).includes(name) && name !== flag?.field;
  const sent = Object.keys(fields).filter(isSent);
  const mutable = sent.filter((name) => fields[name]?.replaces !== true);
  const remoteName = (name: string) => fields[name]?.remote ?? name;
  const isOn = (inputs: Properties) => flag !== undefined && inputs[flag.field] === true;
  const isOperation = (verb: string) => rest.operations?.includes(verb) === true;

  function desiredOf(inputs: Properties, was: Properties | undefined, settings: Work['settings']) {
    return { ...inputs, ...rest.planned?.(inputs, was, settings) };
  }

  const idOf: Kind['idOf'] = (inputs, settings) =>
    fillPath(idTemplate, desiredOf(inputs, undefined, settings));
  const pathOf = (id: string) => fillPath(template, valuesIn(idTemplate, id));

  function fieldsOf(desired: Properties, names: readonly string[]): Properties {
    const entries = names.flatMap((name) => {
      const value = fields[name]?.send?.(desired) ?? settled(desired[name]);
      return value === undefined ? [] : [[remoteName(name), value] as const];
    });
    return Object.fromEntries(entries);
  }

  function stateOf(id: string, found: Properties, was: Properties): Properties {
    const entries = Object.entries(fields).flatMap(([name, { local, receive, absent }]) => {
      const there = found[remoteName(name)];
      const value = (receive === undefined ? there : receive(there)) ?? absent;
      return local === true || value === undefined ? [] : [[name, value] as const];
    });
    const state = { ...Object.fromEntries(entries), ...pick(found, rest.outputs) };
    const named = valuesIn(idTemplate, id);
    return { ...state, ...named, ...rest.stateOf?.(found, was, named) };
  }

  async function send(
    verb: string,
    id: string,
    request: Pick<GoogleRequest, 'method'> & Partial<GoogleRequest>,
    work: Work,
    permission = verb,
  ): Promise<Properties> {
    const whole: GoogleRequest = {
      service: rest.service,
      path: pathOf(id),
      purpose: `${verb === 'get' ? 'read' : verb} the ${rest.noun} ${id}`,
      permission: `${rest.permissions}.${permission} (${rest.role} has it)`,
      ...request,
    };
    const response = await work.send(whole);
    if (isOperation(verb)) await waitForOperation(response, whole, work);
    return response;
  }

  /** Sends a call of the resource itself, such as `:pause`. */
  function call(verb: string, id: string, work: Work, permission = verb) {
    const request = { method: 'POST', path: `${pathOf(id)}:${verb}`, body: {} } as const;
    return send(verb, id, request, work, permission);
  }

  const find = (id: string, work: Work) => unlessGone(send('get', id, { method: 'GET' }, work));

  async function read(id: string, was: Properties, work: Work): Promise<Properties | undefined> {
    const found = await find(id, work);
    return found === undefined || !isThere(found) ? undefined : stateOf(id, found, was);
  }

  /** Whether there is no need to create the resource: it is there, or there again. */
  async function isReady(id: string, work: Work): Promise<boolean> {
    if (rest.creation === undefined && rest.revival === undefined) return false;
    const found = (await find(id, work)) ?? {};
    if (rest.revival === undefined) return isThere(found);
    if (found['deleted'] === true) await call(rest.revival, id, work);
    return found['deleted'] === true;
  }

  /** Creates the resource. Returns it as the response has it, if it does. */
  async function make(id: string, desired: Properties, work: Work) {
    if (rest.creation !== undefined) {
      await call(rest.creation, id, work);
      return undefined;
    }
    const all = fieldsOf(desired, sent);
    const end = id.lastIndexOf('/');
    const request = {
      method: 'POST',
      path: id.slice(0, end),
      query: rest.idParameter === undefined ? {} : { [rest.idParameter]: id.slice(end + 1) },
      body: rest.createBody?.(all, id) ?? all,
      // A command would need the URN of the resource's component, which a plug-in does not get.
      conflict:
        `take over the existing one by \`pulumi import\` with the id ${id} ` +
        '(infra/TROUBLESHOOTING.md, "The state was lost"), delete it, or choose another name',
    } as const;
    try {
      const response = await send('create', id, request, work);
      return isOperation('create') ? undefined : response;
    } catch (error) {
      // An earlier try that seemed to fail has created it.
      const isOurs = hasCode(error, 409) && (error.tries > 1 || rest.adopts?.(desired) === true);
      if (!isOurs) throw error;
      return undefined;
    }
  }

  async function setFlag(id: string, wanted: Properties, work: Work): Promise<void> {
    const [verb, permission] = (isOn(wanted) ? flag?.on : flag?.off) ?? [];
    if (verb !== undefined) await call(verb, id, work, permission);
  }

  const change: Kind['update'] = async (id, { was, wanted, changed }, work) => {
    const desired = desiredOf(wanted, was, work.settings);
    // What an import does not know, such as labels, may differ here and not at Google.
    const isNews = (name: string) =>
      !isDeepStrictEqual(fieldsOf(was, [name]), fieldsOf(desired, [name]));
    const names = mutable.filter((name) => changed.includes(name) && isNews(name));
    if (names.length > 0) {
      const body = fieldsOf(desired, names);
      const updateMask = names.map(remoteName).join(',');
      const request = rest.updateRequest?.(body, updateMask, fieldsOf(desired, mutable));
      const masked = { body, query: { updateMask } };
      await send('update', id, { ...(request ?? masked), method: 'PATCH' }, work);
    }
    if (flag !== undefined && changed.includes(flag.field)) await setFlag(id, wanted, work);
    return stillThere(id, await read(id, desired, work));
  };

  return {
    ...rest,
    idOf,
    importId: (id, settings) => fillPath(idTemplate, parseId(idTemplate, id, settings)),
    read,

    async create(inputs, work) {
      const id = idOf(inputs, work.settings);
      if (await isReady(id, work)) {
        return change(id, { was: {}, wanted: inputs, changed: Object.keys(fields) }, work);
      }
      const desired = desiredOf(inputs, undefined, work.settings);
      const made = await make(id, desired, work);
      const state = stateOf(id, made ?? {}, desired);
      const isFlagged = isOn(inputs) || flag?.always === true;
      if (made !== undefined && !isFlagged) return state;
      let found: Properties | undefined;
      try {
        if (isFlagged) await setFlag(id, inputs, work);
        found = await read(id, desired, work);
      } catch (cause) {
        throw new UnfinishedError(cause, { id, inputs, outputs: { ...inputs, ...state } });
      }
      return stillThere(id, found);
    },

    async update(id, update, work) {
      if (rest.revival !== undefined) await isReady(id, work);
      return change(id, update, work);
    },

    async delete(id, _was, work) {
      if (rest.stays !== true) await unlessGone(send('delete', id, { method: 'DELETE' }, work));
    },
  };
}

function stillThere(id: string, state: Properties | undefined): Properties {
  if (state !== undefined) return state;
  throw new Error(`${id} was there and is gone again; run this again`);
}
