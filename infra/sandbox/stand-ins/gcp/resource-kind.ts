import {
  UNKNOWN,
  type Difference,
  type Properties,
  type ResourceType,
} from '../../../oci/protocol/resource-type.ts';
import { checkFields } from './check-fields.ts';
import { diffFields, refreshedInputs } from './diff-fields.ts';
import type { Fields } from './field.ts';
import { GoogleError, hasCode } from './google-error.ts';
import type { Change, Kind, Work } from './kind.ts';
import type { Settings } from './settings.ts';

/** What a resource type gets from the provider, once that is configured. */
export interface Provider {
  settings(): Settings;
  work(signal: AbortSignal): Work;
}

/** Makes a resource type of what is special about it. */
export function resourceType(kind: Kind, provider: Provider): ResourceType {
  const { fields } = kind;
  return {
    check({ urn, olds, news }) {
      const { inputs, failures } = checkFields(fields, { urn, olds, news }, provider.settings());
      const all = failures.length > 0 ? failures : (kind.problems?.(inputs) ?? []);
      return Promise.resolve({ inputs, failures: all });
    },

    diff: ({ oldInputs, oldOutputs, news }) =>
      differenceOf(kind, { oldInputs, was: oldOutputs, wanted: news }, provider.settings()),

    async create({ inputs, preview, signal }) {
      if (preview) return { id: '', outputs: planned(kind, inputs, undefined, provider) };
      const id = kind.idOf(inputs, provider.settings());
      try {
        const state = await kind.create(inputs, provider.work(signal));
        return { id, outputs: { ...localsOf(fields, inputs), ...state } };
      } catch (error) {
        const isThere = hasCode(error, 409) && error.status !== 'ABORTED';
        throw isThere ? alreadyThere(error, id) : error;
      }
    },

    async read({ id: asked, inputs, outputs, signal }) {
      const settings = provider.settings();
      const isImport = Object.keys(outputs).length === 0;
      const id = isImport ? kind.fullId(asked, settings) : asked;
      const state = await kind.read(id, outputs, provider.work(signal));
      if (state === undefined) return undefined;
      const locals = localsOf(fields, { ...defaults(fields, settings), ...outputs });
      const now = { ...locals, ...state };
      const own = isImport ? kind.idOf(now, settings) : asked;
      return { id: own, inputs: refreshedInputs(fields, inputs, now), outputs: now };
    },

    ...(kind.update !== undefined && {
      async update({ id, oldInputs, oldOutputs, news, preview, signal }) {
        if (preview) return planned(kind, news, oldOutputs, provider);
        const change = { oldInputs, was: oldOutputs, wanted: news };
        const { changed } = differenceOf(kind, change, provider.settings());
        const isLocal = changed.length > 0 && changed.every((name) => fields[name]?.local === true);
        const state = isLocal
          ? withoutLocals(fields, oldOutputs)
          : await kind.update?.(id, change, provider.work(signal));
        return { ...localsOf(fields, news), ...state };
      },
    }),

    async delete({ id, outputs, signal }) {
      if (outputs['deletionPolicy'] === 'ABANDON') return;
      if (outputs['deletionPolicy'] === 'PREVENT') {
        throw new Error(
          `${id} must not be deleted: its deletionPolicy is PREVENT; set it to DELETE and run ` +
            '`pulumi up` first if you mean it',
        );
      }
      await kind.delete(id, outputs, provider.work(signal));
    },
  };
}

function differenceOf(kind: Kind, change: Change, settings: Settings): Difference {
  const { changed, replaces = [] } = diffFields(kind.fields, change.was, change.wanted);
  const more = kind.moreChanged?.(change, settings) ?? [];
  return { changed: [...new Set([...changed, ...more])], replaces };
}

/** The outputs as far as they are known before anything is done. */
function planned(
  kind: Kind,
  inputs: Properties,
  was: Properties | undefined,
  provider: Provider,
): Properties {
  const computed = Object.entries(kind.fields).filter(([, { computed }]) => computed === true);
  const names = [...kind.outputs, ...computed.map(([name]) => name)];
  const unknown = names.map((name) => [name, was === undefined ? UNKNOWN : was[name]] as const);
  const known = unknown.filter(
    (entry): entry is [string, Properties[string]] => entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(known),
    ...inputs,
    ...kind.planned?.(inputs, was, provider.settings()),
  };
}

function localsOf(fields: Fields, properties: Properties): Properties {
  const isLocal = ([name]: readonly [string, unknown]) => fields[name]?.local === true;
  return Object.fromEntries(Object.entries(properties).filter(isLocal));
}

function withoutLocals(fields: Fields, properties: Properties): Properties {
  const isKept = ([name]: readonly [string, unknown]) => fields[name]?.local !== true;
  return Object.fromEntries(Object.entries(properties).filter(isKept));
}

function defaults(fields: Fields, settings: Settings): Properties {
  const entries = Object.entries(fields).flatMap(([name, field]) => {
    const value = field.fallback?.(settings);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** A command for it would need the URN of the component that it belongs to, which a plug-in is not told. */
function alreadyThere(error: GoogleError, id: string): GoogleError {
  const remedy =
    `take over what is there by \`pulumi import\` with the id ${id} (README.md, "The state was ` +
    'lost"), delete it, or choose another name';
  return new GoogleError(error.problem, remedy, { code: 409, tries: error.tries });
}
