import type { Properties, ResourceType } from '../../infra/oci/protocol/resource-type.ts';

/** A resource as the state has it. */
interface StoredResource {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** Resources by name. */
export type State = Map<string, StoredResource>;

/** What a resource refuses before anything changes. */
class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}

const { signal } = new AbortController();

/** What the engine does with the resources of a provider in one `up`. */
export function modelEngine(state: State) {
  const logged: string[] = [];
  const registered = new Set<string>();

  function callFor(name: string) {
    const log = (severity: string, message: string) => logged.push(`${severity}: ${message}`);
    return { urn: `urn:pulumi:s::p::t::${name}`, log, signal };
  }

  async function read(name: string, type: ResourceType, old: StoredResource) {
    if (type.read === undefined) return old;
    const found = await type.read({ ...callFor(name), ...old });
    const stored = found && {
      id: old.id,
      inputs: sent(found.inputs),
      outputs: sent(found.outputs),
    };
    if (stored === undefined) state.delete(name);
    else state.set(name, stored);
    return stored;
  }

  /** Declares a resource: creates or updates it. */
  async function register(name: string, type: ResourceType, news: Properties) {
    registered.add(name);
    const call = callFor(name);
    let old = state.get(name);
    if (old !== undefined && type.refreshBeforeUpdate?.(old.outputs) === true) {
      old = await read(name, type, old);
    }
    const checked = await type.check?.({ ...call, olds: old?.inputs, news });
    const [failure] = checked?.failures ?? [];
    if (failure !== undefined) throw new CheckFailed(failure.reason);
    const inputs = sent(checked?.inputs ?? news);
    const stored = await change(old, inputs);
    state.set(name, stored);
    return stored;

    async function change(olds: StoredResource | undefined, inputs: Properties) {
      const step = olds && {
        ...{ ...call, id: olds.id },
        ...{ oldInputs: olds.inputs, oldOutputs: olds.outputs, news: inputs },
      };
      const found = step && (await type.diff(step));
      if (olds === undefined || step === undefined || (found?.replaces ?? []).length > 0) {
        const { id, outputs } = await type.create({ ...call, inputs, preview: false });
        return { id, inputs, outputs: sent(outputs) };
      }
      if (found?.changed.length === 0) return { ...olds, inputs };
      const outputs = await type.update({ ...step, preview: false });
      return { id: olds.id, inputs, outputs: sent(outputs) };
    }
  }

  return {
    logged,
    register,
    /** Reads all resources that have a type here. */
    async refresh(typeOf: (name: string) => ResourceType | undefined): Promise<void> {
      for (const [name, old] of [...state]) {
        const type = typeOf(name);
        if (type !== undefined) await read(name, type, old);
      }
    },
    /** Puts a resource of another provider into the state. */
    keep(name: string, inputs: Properties): void {
      registered.add(name);
      state.set(name, { id: name, inputs, outputs: {} });
    },
    /** Forgets what the program no longer declares: nothing here is deleted with its resource. */
    end(): void {
      for (const name of state.keys()) if (!registered.has(name)) state.delete(name);
    },
  };
}

/** As the protocol carries properties: without those that have no value. */
function sent(properties: Properties): Properties {
  return JSON.parse(JSON.stringify(properties)) as Properties;
}
