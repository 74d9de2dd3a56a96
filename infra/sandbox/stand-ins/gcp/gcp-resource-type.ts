import {
  UNKNOWN,
  type Properties,
  type ResourceType,
} from '../../../oci/protocol/resource-type.ts';
import { changedFields, checkFields, refreshedInputs, type Fields } from './fields.ts';
import type { Kind, Work } from './kind.ts';
import { pick } from './property.ts';
import type { Settings } from './settings.ts';

/** What resource types get from the provider, once it is configured. */
export interface Provider {
  settings(): Settings;
  work(signal: AbortSignal): Work;
}

/** Makes a resource type of the plug-in protocol of a kind. */
export function gcpResourceType(kind: Kind, provider: Provider): ResourceType {
  const { fields, update } = kind;
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
  const type: ResourceType = {
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

    async delete({ id, outputs, signal }) {
      if (outputs['deletionPolicy'] === 'ABANDON') return;
      if (outputs['deletionPolicy'] === 'PREVENT') {
        const remedy = 'to delete it, set the policy to DELETE and run `pulumi up` first';
        throw new Error(`${id} must not be deleted: its deletionPolicy is PREVENT; ${remedy}`);
      }
      await kind.delete(id, outputs, provider.work(signal));
    },
  };
  if (update === undefined) return type;
  return {
    ...type,
    async update({ id, oldInputs, oldOutputs: was, news: wanted, preview, signal }) {
      if (preview) return planned(wanted, was);
      const change = { was, wanted, changed: changedIn(oldInputs, was, wanted) };
      const state = await update(id, change, provider.work(signal));
      return { ...localsOf(fields, wanted), ...state };
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
