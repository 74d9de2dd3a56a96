import { z } from 'zod';
import { parseJson } from '../json.ts';
import { InvalidInputError } from '../problem.ts';
import type { BuildInputs } from '../tag/build-inputs.ts';

/** Stands in the output of `pulumi preview --json` for a value that is not known yet. */
export const UNKNOWN_VALUE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A resource's inputs. Secrets are `[secret]` in them, unknown values are `UNKNOWN_VALUE`. */
export type Inputs = Readonly<Record<string, unknown>>;

/** A resource as the program declares it. */
export interface DeclaredResource {
  /** The type's token, such as `oci:index:Tag`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
}

/** The engine's plan for one resource. */
export interface PreviewStep {
  /** Such as `same`, `create`, `update`, `replace`, `delete` or `read`. */
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** The resource in the state; absent for a new one. */
  readonly before?: DeclaredResource;
  /** The resource in the program; absent for one that is deleted. */
  readonly after?: DeclaredResource;
}

/** A message of the engine or the program. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** The engine's plan for a run. */
export interface Preview {
  readonly steps: readonly PreviewStep[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The hashes of a Publication's build inputs. */
export function buildInputsOf(publication: DeclaredResource | undefined): BuildInputs {
  const { inputs } = publication?.inputs ?? {};
  return typeof inputs === 'object' && inputs !== null ? inputs : {};
}

const State = z.object({
  urn: z.string(),
  type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  protect: z.boolean().default(false),
});

const Step = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: State.nullish(),
  newState: State.nullish(),
});

const RawDiagnostic = z.object({ severity: z.string().default('info'), message: z.string() });

/** The output of `pulumi preview --json` (`PreviewDigest` in the engine's sdk/go/common/apitype). */
const Digest = z.object({
  steps: z.array(Step).default([]),
  diagnostics: z.array(RawDiagnostic).nullish(),
});

/**
 * Parses the output of `pulumi preview --json`; `file` is its path, for messages. Throws an
 * InvalidInputError (PREVIEW_UNREADABLE) for anything else: an unreadable plan must not pass as empty.
 */
export function parsePreview(text: string, file: string): Preview {
  const parsed = Digest.safeParse(parseJson(text));
  if (!parsed.success) {
    const problem = 'this is not what `pulumi preview --json` prints';
    const remedy = 'write its standard output to a file, alone';
    throw new InvalidInputError([{ code: 'PREVIEW_UNREADABLE', file, path: '', problem, remedy }]);
  }
  const { steps, diagnostics } = parsed.data;
  return {
    steps: steps.map(stepOf),
    diagnostics: (diagnostics ?? []).flatMap(({ severity, message }) => {
      if (severity !== 'error' && severity !== 'warning') return [];
      return [{ severity, message: message.trim() }];
    }),
  };
}

function stepOf({ op, urn, oldState, newState }: z.output<typeof Step>): PreviewStep {
  const before = oldState ? resourceOf(oldState) : undefined;
  const after = newState ? resourceOf(newState) : undefined;
  return { operation: op, ...partsOf(urn), before, after };
}

function resourceOf({ urn, inputs, protect }: z.output<typeof State>): DeclaredResource {
  return { ...partsOf(urn), inputs, protect };
}

/** `urn:pulumi:<stack>::<project>::<parents' types>$<type>::<name>`; a name may have colons. */
function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = '', ...name] = urn.split('::');
  return { type: types.split('$').at(-1) ?? '', name: name.join('::') };
}
