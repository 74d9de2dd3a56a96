import {
  UNKNOWN,
  type Call,
  type Properties,
  type ResourceType,
} from '../../../oci/protocol/resource-type.ts';
import { changedFields, checkFields, refreshedInputs, type Fields } from './fields.ts';
import { OPERATION_SECONDS, type Work } from './google-client.ts';
import { pick, present } from './property.ts';
import type { Settings } from './settings.ts';

/** Tells one resource type from another. `restKind` and `grantKind` make them. */
export interface GcpKind {
  /** Such as `gcp:cloudscheduler/job:Job`. */
  readonly token: string;
  readonly fields: Fields;
  /** Outputs that are no inputs. */
  readonly outputs: readonly string[];
  /** The id of the resource that inputs and planned outputs describe. */
  idOf(desired: Properties, settings: Settings): string;
  /** Outputs that follow from the inputs, or from the state. */
  planned?(inputs: Properties, was: Properties | undefined): Properties;
  /** Returns the outputs. Throws an `UnfinishedError` where a next run must finish the resource. */
  create(id: string, desired: Properties, work: Work): Promise<Properties>;
  /** Returns the outputs; `undefined` when the resource is gone. `was` is empty in an import. */
  read(id: string, was: Properties, work: Work): Promise<Properties | undefined>;
  /** Returns the outputs. `was` are those in the state, `changed` the fields that differ. */
  update(
    id: string,
    change: { was: Properties; desired: Properties; changed: readonly string[] },
    work: Work,
  ): Promise<Properties>;
  delete(id: string, was: Properties, work: Work): Promise<void>;
}

/** What resource types get from the provider, once it is configured. */
export interface Provider {
  settings(): Settings;
  /** For an operation of at most so many seconds. */
  work(signal: AbortSignal, seconds: number): Work;
}

/** Makes a resource type of the plug-in protocol of a kind. */
export function gcpResourceType(kind: GcpKind, provider: Provider): ResourceType {
  const { fields } = kind;
  const namesWhere = (attribute: 'local' | 'computed' | 'replaces') =>
    Object.keys(fields).filter((name) => fields[name]?.[attribute] === true);
  const locals = namesWhere('local');
  const replacing = namesWhere('replaces');
  /** Outputs that Google decides. */
  const googles = [...kind.outputs, ...namesWhere('computed')];
  const writing = ({
    signal,
    timeout = OPERATION_SECONDS.write,
  }: Pick<Call, 'signal' | 'timeout'>) => provider.work(signal, timeout);
  const desiredOf = (inputs: Properties, was?: Properties): Properties => ({
    ...inputs,
    ...kind.planned?.(inputs, was),
  });
  return {
    check: ({ news }) => checkFields(fields, news, provider.settings()),

    diff({ oldInputs, oldOutputs: was, news }) {
      const changed = changedFields(fields, { oldInputs, was, desired: desiredOf(news, was) });
      return { changed, replaces: changed.filter((name) => replacing.includes(name)) };
    },

    async create({ inputs, preview, ...call }) {
      const desired = desiredOf(inputs);
      if (preview) {
        const unknown = present(googles, () => UNKNOWN);
        return { id: '', outputs: { ...unknown, ...desired } };
      }
      const id = kind.idOf(desired, provider.settings());
      const state = await kind.create(id, desired, writing(call));
      return { id, outputs: { ...pick(inputs, locals), ...state } };
    },

    async read({ id, inputs, outputs, signal }) {
      const state = await kind.read(id, outputs, provider.work(signal, OPERATION_SECONDS.read));
      if (state === undefined) return undefined;
      const { inputs: fallbacks } = checkFields(fields, {}, provider.settings());
      const now = { ...pick({ ...fallbacks, ...outputs }, locals), ...state };
      return { id, inputs: refreshedInputs(fields, inputs, now), outputs: now };
    },

    async update({ id, oldInputs, oldOutputs: was, news, preview, ...call }) {
      const desired = desiredOf(news, was);
      if (preview) return { ...pick(was, googles), ...desired };
      const changed = changedFields(fields, { oldInputs, was, desired });
      const state = await kind.update(id, { was, desired, changed }, writing(call));
      return { ...pick(news, locals), ...state };
    },

    delete: ({ id, outputs, ...call }) => kind.delete(id, outputs, writing(call)),
  };
}
