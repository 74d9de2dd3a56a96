import { z } from 'zod';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import { etagOf, IamPolicy, policyRoutes } from './iam-policy.ts';
import { jsonName, listing, parseBody } from './message-json.ts';
import type { Operations } from './operations.ts';
import { route, type ApiRequest } from './router.ts';
import { openCollection } from './store.ts';

/** Fields of a message that are handled alike wherever they are. */
interface Message {
  name?: string;
  etag?: string;
  state?: string;
  deleted?: boolean;
}

type Verb = 'create' | 'patch' | 'delete' | 'undelete';

/** One kind of resource: everything in which its collection differs from others. */
export interface EmulatedKind<T extends Message> {
  /** The path of a resource, as in Google's reference; its last parameter is the message's name in requests. */
  readonly path: string;
  /** The file that keeps the resources, without its extension. */
  readonly file: string;
  /** What a request and the file may hold. */
  readonly message: z.ZodType<T>;
  /** The name of the list in a listing; the collection's unless it is given. */
  readonly listField?: string;

  /** Fields that creation and patch set. Any other field is the service's own: it is ignored. */
  readonly mutable: readonly string[];
  /** The mask of a patch that has none; the fields in its body unless it is given. */
  readonly defaultMask?: '*';
  /** Whether the body of a patch has the message and the mask; otherwise the mask is in the query. */
  readonly maskInBody?: true;
  /** Defaults, and the service's own fields, of a new resource. `now` is in RFC 3339. */
  initial?(message: T, name: string, now: string): Partial<T>;
  /** The field with the time of the last change. */
  readonly changedField?: keyof T & string;
  /** Throws for what the service does not accept, beyond the schema. */
  check?(resource: T): void;

  /** What an id must be, in a regular expression and in words. */
  readonly id: { readonly pattern: RegExp; readonly rule: string };
  /**
   * The id in the message of `create`; or the field beside the message in the body that has the id. Unless
   * one is given, the query parameter `<message>Id` has it.
   */
  idOf?(message: T, collection: string): string;
  readonly idInBody?: string;
  /** The name of a new resource, where it is not the id below the collection. */
  nameOf?(collection: string, id: string): string;
  /** The key in the file of a resource with that name; the name unless it is given. */
  key?(name: string): string;
  /** Throws for a name that has no parent. */
  checkNew?(name: string): void;

  readonly hasEtag?: true;
  /** The mark of a resource that is deleted, or not: it stays, and keeps its name. */
  deletion?(isDeleted: boolean): Partial<T>;
  beforeDelete?(name: string): Promise<void>;
  /** The verbs that respond with a finished operation, at a parent, with a message of this type. */
  readonly operations?: { verbs: readonly Verb[]; type: string; parentOf(name: string): string };
  /** The file that keeps the resources' IAM policies. */
  readonly policyFile?: string;
  /** A resource as a response has it; with its name unless it is given. */
  view?(name: string, resource: T): object;
}

/** What all kinds share; `folder` keeps the state. */
export interface World {
  readonly folder: string;
  readonly clock: Clock;
  readonly operations: Operations;
}

export type Resources<T extends Message> = ReturnType<typeof openResources<T>>;

/** The resources of a kind: create, get, list, patch, delete, undelete, and their IAM policies. */
export function openResources<T extends Message>(kind: EmulatedKind<T>, world: World) {
  const { folder, clock, operations } = world;
  const [, path = '', field = ''] = /^(.*)\/\{(\w+)\}$/.exec(kind.path) ?? [];
  const stored = openCollection(folder, kind.file, kind.message);
  const policies = kind.policyFile && openCollection(folder, kind.policyFile, IamPolicy);
  const keyOf = (name: string) => kind.key?.(name) ?? name;
  const view = (key: string, resource: T) =>
    kind.view?.(key, resource) ?? { name: key, ...resource };

  function locate(name: string): { key: string; resource: T } {
    const key = keyOf(name);
    const resource = stored.get(key);
    if (resource === undefined) throw notFound(`"${name}" was not found.`);
    return { key, resource };
  }

  /** Stores a resource; gives the response to a verb. */
  function store(verb: Verb, key: string, resource: T): object {
    const next = kind.hasEtag ? { ...resource, etag: etagOf({ ...resource, etag: '' }) } : resource;
    stored.set(key, next);
    return responseTo(verb, key, kind.operations?.type, view(key, next));
  }

  function responseTo(verb: Verb, key: string, type = '', body: object = {}): object {
    if (kind.operations?.verbs.includes(verb) !== true) return body;
    return operations.done(`${kind.operations.parentOf(key)}/`, type, body);
  }

  /** The message of a body, and the text in the field `beside` it, for a body that has both. */
  function read(body: unknown, beside: string | undefined): { message: T; text?: string } {
    if (beside === undefined) return { message: parseBody(kind.message, body, field) };
    const both = z.strictObject({
      [beside]: z.string().optional(),
      [field]: z.unknown().optional(),
    });
    const { [beside]: text, [field]: message = {} } = parseBody(both, body);
    return { message: parseBody(kind.message, message, field), text: text as string | undefined };
  }

  function create({ name: collection, query, body }: ApiRequest): object {
    const { message, text = query.get(`${field}Id`) ?? '' } = read(body, kind.idInBody);
    const id = kind.idOf?.(message, collection) ?? text;
    if (!kind.id.pattern.test(id)) {
      throw invalidArgument(`Invalid id "${id}" of a ${field}: ${kind.id.rule}.`);
    }
    const name = kind.nameOf?.(collection, id) ?? `${collection}/${id}`;
    const resource = {
      ...withFields(message, kind.mutable),
      ...kind.initial?.(message, name, clock.timestamp()),
      ...kind.deletion?.(false),
      ...changeTime(),
    };
    kind.check?.(resource);
    const key = keyOf(name);
    if (stored.get(key) !== undefined) {
      throw new ApiError('ALREADY_EXISTS', `${name} already exists.`);
    }
    kind.checkNew?.(name);
    return store('create', key, resource);
  }

  function changeTime(): Partial<Record<string, string>> {
    return kind.changedField === undefined ? {} : { [kind.changedField]: clock.timestamp() };
  }

  function list({ name: collection, query }: ApiRequest): object {
    const prefix = keyOf(`${collection}/`);
    const own = stored.entries().filter(([key]) => key.startsWith(prefix));
    const shown = own.filter(([, resource]) => !isDeleted(resource));
    const views = shown.map((entry) => view(...entry));
    return listing(kind.listField ?? path.split('/').at(-1) ?? '', views, query);
  }

  function patch({ name, query, body }: ApiRequest): object {
    const { key, resource } = locate(name);
    if (isDeleted(resource)) throw new ApiError('FAILED_PRECONDITION', `${name} is deleted.`);
    const { message, text } = read(body, kind.maskInBody && 'updateMask');
    const mask = text ?? query.get('updateMask') ?? kind.defaultMask ?? '';
    const changed = { ...applyMask(resource, message, mask, kind.mutable), ...changeTime() };
    kind.check?.(changed);
    return store('patch', key, changed);
  }

  async function remove({ name }: ApiRequest): Promise<object> {
    const { key, resource } = locate(name);
    if (kind.deletion !== undefined) {
      return store('delete', key, { ...resource, ...kind.deletion(true) });
    }
    await kind.beforeDelete?.(name);
    stored.delete(key);
    if (policies) policies.delete(key);
    return responseTo('delete', key, 'google.protobuf.Empty');
  }

  function undelete({ name }: ApiRequest): object {
    const { key, resource } = locate(name);
    if (!isDeleted(resource)) throw new ApiError('FAILED_PRECONDITION', `${name} is not deleted.`);
    return store('undelete', key, { ...resource, ...kind.deletion?.(false) });
  }

  const one = `v1/${kind.path}`;
  return {
    /** The methods that the collections of all kinds have. A route with a further verb must come first. */
    routes: [
      ...(policies ? policyRoutes(one, policies, (name) => locate(name).key) : []),
      route('POST', `${one}:undelete`, undelete),
      route('POST', `v1/${path}`, create),
      route('GET', `v1/${path}`, list),
      route('GET', one, ({ name }) => {
        const { key, resource } = locate(name);
        return view(key, resource);
      }),
      route('PATCH', one, patch),
      route('DELETE', one, remove),
    ],
    get: (name: string) => stored.get(keyOf(name)),
    /** NOT_FOUND where there is none. */
    find: (name: string) => locate(name).resource,
    /** Changes a resource as the service itself; gives it as a response has it. */
    update(name: string, change: Partial<T>): object {
      const { key, resource } = locate(name);
      return store('patch', key, { ...resource, ...change });
    },
    /** All there are, each with its key, sorted. */
    entries: () => stored.entries(),
  };
}

function withFields<T extends Message>(message: T, fields: readonly string[]): T {
  return Object.fromEntries(Object.entries(message).filter(([name]) => fields.includes(name))) as T;
}

/**
 * The stored resource with the masked fields as the message has them. A field that is in the mask but
 * not in the message is cleared. Without a mask, the fields of the message are taken. A path into a field
 * stands for the whole field, which every plug-in sends with it. INVALID_ARGUMENT for a field that is not
 * `mutable`.
 *
 * @param mask comma-separated paths in JSON or proto names, or `*`
 */
function applyMask<T extends Message>(
  stored: T,
  message: T,
  mask: string,
  mutable: readonly string[],
): T {
  const named = mask.split(',').map((path) => jsonName(path.trim().replace(/\..*/, '')));
  const given = mask === '' ? mutable.filter((field) => field in message) : named;
  const fields = mask === '*' ? mutable : given;
  const foreign = fields.find((field) => !mutable.includes(field));
  if (foreign !== undefined) {
    throw invalidArgument(`Invalid value at 'update_mask': "${foreign}" can't be updated.`);
  }
  const kept = Object.keys(stored).filter((field) => !fields.includes(field));
  return { ...withFields(stored, kept), ...withFields(message, fields) };
}

function isDeleted({ state, deleted }: Message): boolean {
  return state === 'DELETED' || deleted === true;
}
