import {
  UNKNOWN,
  type Properties,
  type ResourceType,
} from '../../../oci/protocol/resource-type.ts';
import { changedFields, checkFields, refreshedInputs, type Fields } from './fields.ts';
import type { Work } from './google-client.ts';
import { pick } from './property.ts';
import type { Settings } from './settings.ts';

/** An update: the outputs in the state, the inputs of this run, and the fields that differ. */
export interface Change {
  readonly was: Properties;
  readonly wanted: Properties;
  readonly changed: readonly string[];
}

/** Tells one resource type from another. `restKind` and `grantKind` make them. */
export interface Kind {
  /** Such as `gcp:cloudscheduler/job:Job`. */
  readonly token: string;
  readonly fields: Fields;
  /** Outputs that are no inputs. */
  readonly outputs: readonly string[];
  /** The id of the resource that inputs describe. */
  idOf(inputs: Properties, settings: Settings): string;
  /** The id that an import names, maybe in a short form. Throws for any other text. */
  importId(id: string, settings: Settings): string;
  /** Outputs that follow from the inputs, or from the state. */
  planned?(inputs: Properties, was: Properties | undefined, settings: Settings): Properties;
  /** Fields that have to be sent although the program's values are those of the state. */
  alsoChanged?(was: Properties, wanted: Properties, settings: Settings): readonly string[];
  /** Returns the outputs. Throws an `UnfinishedError` where a next run must finish the resource. */
  create(inputs: Properties, work: Work): Promise<Properties>;
  /** Returns the outputs; `undefined` when the resource is gone. `was` is empty in an import. */
  read(id: string, was: Properties, work: Work): Promise<Properties | undefined>;
  /** Returns the outputs. */
  update(id: string, change: Change, work: Work): Promise<Properties>;
  delete(id: string, was: Properties, work: Work): Promise<void>;
}

/** What resource types get from the provider, once it is configured. */
export interface Provider {
  settings(): Settings;
  work(signal: AbortSignal): Work;
}

/** Makes a resource type of the plug-in protocol of a kind. */
export function gcpResourceType(kind: Kind, provider: Provider): ResourceType {
  const { fields } = kind;
  const planned = (inputs: Properties, was?: Properties): Properties => ({
    ...plannedOutputs(kind, was),
    ...inputs,
    ...kind.planned?.(inputs, was, provider.settings()),
  });
  const changedIn = (oldInputs: Properties, was: Properties, wanted: Properties) => {
    const changed = changedFields(fields, { oldInputs, was, wanted });
    const more = kind.alsoChanged?.(was, wanted, provider.settings()) ?? [];
    return [...new Set([...changed, ...more])];
  };
  return {
    check: ({ news }) => Promise.resolve(checkFields(fields, news, provider.settings())),

    diff({ oldInputs, oldOutputs, news }) {
      const changed = changedIn(oldInputs, oldOutputs, news);
      return { changed, replaces: changed.filter((name) => fields[name]?.replaces === true) };
    },

    async create({ inputs, preview, signal }) {
      if (preview) return { id: '', outputs: planned(inputs) };
      const id = kind.idOf(inputs, provider.settings());
      const state = await kind.create(inputs, provider.work(signal));
      return { id, outputs: { ...localsOf(fields, inputs), ...state } };
    },

    async read({ id: requested, inputs, outputs, signal }) {
      const settings = provider.settings();
      const isImport = Object.keys(outputs).length === 0;
      const id = isImport ? kind.importId(requested, settings) : requested;
      const state = await kind.read(id, outputs, provider.work(signal));
      if (state === undefined) return undefined;
      const { inputs: fallbacks } = checkFields(fields, {}, settings);
      const now = { ...localsOf(fields, { ...fallbacks, ...outputs }), ...state };
      return { id, inputs: refreshedInputs(fields, inputs, now), outputs: now };
    },

    async update({ id, oldInputs, oldOutputs: was, news: wanted, preview, signal }) {
      if (preview) return planned(wanted, was);
      const change = { was, wanted, changed: changedIn(oldInputs, was, wanted) };
      const state = await kind.update(id, change, provider.work(signal));
      return { ...localsOf(fields, wanted), ...state };
    },

    async delete({ id, outputs, signal }) {
      if (outputs['deletionPolicy'] === 'ABANDON') return;
      if (outputs['deletionPolicy'] === 'PREVENT') {
        const remedy = 'to delete it, set the policy to DELETE and run `pulumi up` first';
        throw new Error(`${id} must not be deleted: its deletionPolicy is PREVENT; ${remedy}`);
      }
      await kind.delete(id, outputs, provider.work(signal));
    },
  };
}

/** The outputs that Google decides: those of the state, and for a new resource unknown ones. */
function plannedOutputs({ fields, outputs }: Kind, was: Properties | undefined): Properties {
  const computed = Object.keys(fields).filter((name) => fields[name]?.computed === true);
  const names = [...outputs, ...computed];
  return was ? pick(was, names) : Object.fromEntries(names.map((name) => [name, UNKNOWN]));
}

function localsOf(fields: Fields, properties: Properties): Properties {
  return pick(
    properties,
    Object.keys(fields).filter((name) => fields[name]?.local === true),
  );
}
