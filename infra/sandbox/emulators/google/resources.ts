import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import { IamPolicy, policyRoutes } from './iam-policy.ts';
import { listing, PAGE_PARAMETERS } from './listing.ts';
import { applyMask, parseBody } from './message-json.ts';
import { EMPTY, type Operations } from './operations.ts';
import { checkProject } from './projects.ts';
import { route, type ApiRequest, type Route } from './router.ts';
import { openCollection, type Collection } from './store.ts';

/** Fields of a message that are handled alike wherever they are. */
interface Message {
  name?: string;
  etag?: string;
  state?: string;
  deleted?: boolean;
}

type Verb = 'create' | 'patch' | 'delete' | 'undelete';

/** One kind of resource: everything in which its collection differs from others. */
export interface Kind<T extends Message> {
  /** The path of the collection in Google's reference. */
  readonly collection: string;
  /** The path's last parameter. */
  readonly parameter: string;
  /** The file that keeps the resources, without its extension. */
  readonly file: string;
  /** What a request and the file may hold. */
  readonly message: z.ZodType<T>;
  /** The name of the message in requests. */
  readonly field: string;
  /** The name of the list in a listing; the collection's unless it is given. */
  readonly listField?: string;

  /** Fields that a patch can change. */
  readonly mutable: readonly (keyof T & string)[];
  /** Fields that only the creation can set. Any other field is the service's own: it is ignored. */
  readonly immutable?: readonly (keyof T & string)[];
  /** The mask of a patch that has none; the fields in its body unless it is given. */
  readonly defaultMask?: '*';
  /** Defaults, and the service's own fields, of a new resource. `now` is in RFC 3339. */
  initial?(message: T, name: string, now: string): Partial<T>;
  /** The service's own fields after a patch. */
  patched?(now: string): Partial<T>;
  /** Throws for what the service does not accept, beyond the schema. */
  check?(resource: T): void;

  /** What an id must be, in a regular expression and in words. */
  readonly id: { readonly pattern: RegExp; readonly rule: string };
  /** The query parameter of `create` that has the id, if any. */
  readonly idParameter?: string;
  /** The id that the message of `create` has, if it has the id. */
  idOf?(message: T, collection: string): string;
  /** The name of a new resource, where it is not the id below the collection. */
  nameOf?(collection: string, id: string): string;
  /** The key in the file of a resource with that name; the name unless it is given. */
  key?(name: string): string;
  /** Whether a resource is listed; all below the collection are unless it is given. */
  belongsTo?(resource: T, collection: string): boolean;
  /** The body of `create` and of `patch`, where it is not the message alone. */
  readonly createRequest?: z.ZodType<{ id?: string; message: T }>;
  readonly patchRequest?: z.ZodType<{ updateMask?: string; message: T }>;
  /** Throws for a name that can't be created. */
  checkNew?(name: string, stored: Collection<T>): void;

  readonly hasEtag?: true;
  /** How a deleted resource, which stays and keeps its name, is marked. */
  readonly softDelete?: { readonly deleted: Partial<T>; readonly undeleted: Partial<T> };
  beforeDelete?(name: string): Promise<void>;
  /** The verbs that respond with a finished operation, at a parent, with a message of this type. */
  readonly operations?: { verbs: readonly Verb[]; type: string; parentOf(name: string): string };
  /** Where the resources' IAM policies are kept, and the method that reads one. */
  readonly policies?: { readonly file: string; readonly method: 'GET' | 'POST' };
  /** A resource as a response has it; with its name unless it is given. */
  view?(name: string, resource: T): object;
}

/** What all kinds share. */
export interface World {
  /** Where state is kept. */
  readonly folder: string;
  readonly clock: Clock;
  readonly operations: Operations;
}

export interface Resources<T> {
  /** The methods that the collections of all kinds have. A route with a further verb must come first. */
  readonly routes: readonly Route[];
  get(name: string): T | undefined;
  /** NOT_FOUND where there is none. */
  find(name: string): T;
  /** Changes a resource as the service itself; gives it as a response has it. */
  update(name: string, change: Partial<T>): object;
  /** All there are, each with its key, sorted. */
  entries(): readonly (readonly [string, T])[];
}

/** The resources of a kind: create, get, list, patch, delete, undelete, and their IAM policies. */
export function openResources<T extends Message>(kind: Kind<T>, world: World): Resources<T> {
  const { folder, clock, operations } = world;
  const stored = openCollection(folder, kind.file, kind.message);
  const policies = kind.policies && openCollection(folder, kind.policies.file, IamPolicy);
  const keyOf = (name: string) => kind.key?.(name) ?? name;
  const view = (key: string, resource: T) =>
    kind.view?.(key, resource) ?? { name: key, ...resource };

  function locate(name: string): { key: string; resource: T } {
    const key = keyOf(name);
    const resource = stored.get(key);
    if (resource === undefined) throw notFound(`"${name}" was not found.`);
    return { key, resource };
  }

  function store(key: string, resource: T): T {
    const etag = kind.hasEtag && etagOf(resource);
    const next = etag === undefined ? resource : { ...resource, etag };
    stored.set(key, next);
    return next;
  }

  /** The response to a verb; `resource` is absent once it is gone. */
  function responseTo(verb: Verb, key: string, resource?: T): object {
    const body = resource === undefined ? {} : view(key, resource);
    if (kind.operations?.verbs.includes(verb) !== true) return body;
    const type = resource === undefined ? EMPTY : kind.operations.type;
    return operations.done(kind.operations.parentOf(key), type, body);
  }

  function create({ name: collection, query, body }: ApiRequest): object {
    checkProject(collection.split('/')[1] ?? '');
    const { id: idInBody, message } =
      kind.createRequest === undefined
        ? { message: parseBody(kind.message, body, kind.field) }
        : parseBody(kind.createRequest, body);
    const id = kind.idOf?.(message, collection) ?? idInBody ?? query.get(kind.idParameter ?? '');
    if (id === undefined || !kind.id.pattern.test(id)) {
      throw invalidArgument(`Invalid id "${id ?? ''}" of a ${kind.field}: ${kind.id.rule}.`);
    }
    const name = kind.nameOf?.(collection, id) ?? `${collection}/${id}`;
    const writable: readonly string[] = [...kind.mutable, ...(kind.immutable ?? [])];
    const given = Object.entries(message).filter(([field]) => writable.includes(field));
    const resource: T = {
      ...(Object.fromEntries(given) as T),
      ...kind.initial?.(message, name, clock.timestamp()),
    };
    kind.check?.(resource);
    const key = keyOf(name);
    if (stored.get(key) !== undefined) {
      throw new ApiError('ALREADY_EXISTS', `${name} already exists.`);
    }
    kind.checkNew?.(name, stored);
    return responseTo('create', key, store(key, resource));
  }

  function list({ name: collection, query }: ApiRequest): object {
    const prefix = keyOf(`${collection}/`);
    const isShown = (key: string, resource: T) =>
      !isDeleted(resource) && (kind.belongsTo?.(resource, collection) ?? key.startsWith(prefix));
    const shown = stored.entries().filter((entry) => isShown(...entry));
    const resources = shown.map(([key, resource]) => view(key, resource));
    const field = kind.listField ?? collection.split('/').at(-1) ?? '';
    return listing(field, resources, query);
  }

  function patch({ name, query, body }: ApiRequest): object {
    const { key, resource } = locate(name);
    if (isDeleted(resource)) throw new ApiError('FAILED_PRECONDITION', `${name} is deleted.`);
    const { message, updateMask } =
      kind.patchRequest === undefined
        ? {
            message: parseBody(kind.message, body, kind.field),
            updateMask: query.get('updateMask') ?? kind.defaultMask,
          }
        : parseBody(kind.patchRequest, body);
    if (message.name !== undefined && !name.endsWith(`/${message.name.split('/').at(-1) ?? ''}`)) {
      throw invalidArgument(`The name is "${message.name}", the request is for "${name}".`);
    }
    const changed = applyMask(resource, message, updateMask, kind.mutable);
    kind.check?.(changed);
    const next = { ...changed, ...kind.patched?.(clock.timestamp()) };
    return responseTo('patch', key, store(key, next));
  }

  async function remove({ name }: ApiRequest): Promise<object> {
    const { key, resource } = locate(name);
    if (kind.softDelete !== undefined) {
      const deleted = { ...resource, ...kind.softDelete.deleted };
      return responseTo('delete', key, store(key, deleted));
    }
    await kind.beforeDelete?.(name);
    stored.delete(key);
    policies?.delete(key);
    return responseTo('delete', key);
  }

  function undelete({ name }: ApiRequest): object {
    const { key, resource } = locate(name);
    if (!isDeleted(resource)) throw new ApiError('FAILED_PRECONDITION', `${name} is not deleted.`);
    const undeleted = { ...resource, ...kind.softDelete?.undeleted };
    return responseTo('undelete', key, store(key, undeleted));
  }

  const collection = `v1/${kind.collection}`;
  const one = `${collection}/{${kind.parameter}}`;
  const routes = [
    ...(policies === undefined
      ? []
      : policyRoutes(one, kind.policies?.method ?? 'GET', policies, (name) => locate(name).key)),
    route('POST', `${one}:undelete`, undelete),
    route('POST', collection, create, kind.idParameter === undefined ? [] : [kind.idParameter]),
    route('GET', collection, list, PAGE_PARAMETERS),
    route('GET', one, ({ name }) => {
      const { key, resource } = locate(name);
      return view(key, resource);
    }),
    route('PATCH', one, patch, ['updateMask']),
    route('DELETE', one, remove),
  ];
  return {
    routes,
    get: (name) => stored.get(keyOf(name)),
    find: (name) => locate(name).resource,
    update(name, change) {
      const { key, resource } = locate(name);
      return view(key, store(key, { ...resource, ...change }));
    },
    entries: () => stored.entries(),
  };
}

function isDeleted({ state, deleted }: Message): boolean {
  return state === 'DELETED' || deleted === true;
}

/** Changes with the content. */
function etagOf(resource: Message): string {
  const content = JSON.stringify({ ...resource, etag: '' });
  return createHash('sha256').update(content).digest('base64').slice(0, 12);
}
