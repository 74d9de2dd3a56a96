import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { diffFields } from './diff-fields.ts';
import type { Fields } from './field.ts';
import type { Change, Kind, Work } from './kind.ts';
import { pick, textOf } from './property-text.ts';
import { resourceCalls, stillThere, type Naming } from './resource-calls.ts';
import { unlessGone } from './unless-gone.ts';
import { waitForOperation } from './wait-for-operation.ts';

/** A resource that Google makes, changes and deletes by long-running operations, and keeps for a while after. */
export interface SoftDeletedResource {
  readonly naming: Naming;
  readonly fields: Fields;
  /** The input that is its id, and the parameter that a new one has it in. */
  readonly idField: string;
  readonly idParameter: string;
  /** Inputs that an update can change. */
  readonly mutable: readonly string[];
  /** Inputs that only a new one can be given. */
  readonly fixed?: readonly string[];
  idOf(inputs: Properties): string;
  /** The inputs that are in an id. */
  placeOf(id: string): Properties;
}

type Calls = Pick<Kind, 'create' | 'read' | 'update' | 'delete'>;

/**
 * The calls for such a resource. One that was deleted elsewhere reads as gone; making it anew within 30 days
 * fails with 409, as with the official plug-in: it has to be undeleted and imported.
 */
export function softDeletedCalls(resource: SoftDeletedResource): Required<Calls> {
  const { fields, mutable, fixed = [], idField, idParameter } = resource;
  const calls = resourceCalls(resource.naming);

  async function read(id: string, work: Work): Promise<Properties | undefined> {
    const found = await calls.find(id, work);
    if (found === undefined || found['state'] === 'DELETED') return undefined;
    return { disabled: false, ...found, ...resource.placeOf(id) };
  }

  return {
    async create(inputs, work) {
      const id = resource.idOf(inputs);
      const query = { [idParameter]: textOf(inputs, idField) };
      const body = pick(inputs, [...mutable, ...fixed]);
      const { question, answer } = await calls.make(id, { query, body }, work);
      if (answer !== undefined) await waitForOperation(answer, question, work);
      return stillThere(id, await read(id, work));
    },

    read: (id, _was, work) => read(id, work),

    async update(id: string, { was, wanted }: Change, work: Work) {
      const { changed } = diffFields(fields, was, wanted);
      const mask = mutable.filter((name) => changed.includes(name));
      if (mask.length > 0) {
        const query = { updateMask: mask.join(',') };
        const question = calls.question(id, 'update', { method: 'PATCH', query });
        const operation = await work.ask({ ...question, body: pick(wanted, mask) });
        await waitForOperation(operation, question, work);
      }
      return stillThere(id, await read(id, work));
    },

    async delete(id, _was, work) {
      const question = calls.question(id, 'delete', { method: 'DELETE' });
      const operation = await unlessGone(work.ask(question));
      if (operation !== undefined) await waitForOperation(operation, question, work);
    },
  };
}
