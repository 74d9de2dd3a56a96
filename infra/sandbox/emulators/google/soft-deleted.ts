import type { z } from 'zod';
import { ApiError, notFound } from './api-error.ts';
import { openCollection } from './store.ts';

interface Deletable {
  readonly state?: 'ACTIVE' | 'DELETED' | undefined;
}

/** Resources whose names stay taken after they were deleted, until they are undeleted. */
export interface SoftDeleted<T extends Deletable> {
  /** Deleted ones too. NOT_FOUND where there never was one. */
  get(name: string): T;
  /** Only one that is not deleted. */
  getActive(name: string): T;
  /** ALREADY_EXISTS, also after a deletion. */
  create(name: string, value: T): T;
  update(name: string, value: T): T;
  delete(name: string): T;
  undelete(name: string): T;
  /** Those that are not deleted, below `prefix`. */
  active(prefix: string): readonly (readonly [string, T])[];
}

export function openSoftDeleted<T extends Deletable>(
  folder: string,
  kind: string,
  schema: z.ZodType<T>,
): SoftDeleted<T> {
  const all = openCollection(folder, kind, schema);
  const get = (name: string) => {
    const found = all.get(name);
    if (found === undefined) throw notFound();
    return found;
  };
  const getActive = (name: string) => {
    const found = get(name);
    if (found.state === 'DELETED') throw new ApiError('FAILED_PRECONDITION', `${name} is deleted.`);
    return found;
  };
  const update = (name: string, value: T) => {
    all.set(name, value);
    return value;
  };
  return {
    get,
    getActive,
    update,
    create(name, value) {
      if (all.get(name) === undefined) return update(name, value);
      throw new ApiError('ALREADY_EXISTS', `Requested entity already exists: ${name}`);
    },
    delete: (name) => update(name, { ...getActive(name), state: 'DELETED' }),
    undelete: (name) => update(name, { ...get(name), state: 'ACTIVE' }),
    active: (prefix) =>
      all.entries().filter(([name, { state }]) => name.startsWith(prefix) && state !== 'DELETED'),
  };
}
