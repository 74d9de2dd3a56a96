import type { BuildInputs } from '../tag/build-inputs.ts';
import { parseJson } from '../json.ts';
import { z } from 'zod';
import { InvalidInputError } from '../problem.ts';

/** What `pulumi preview --json` prints where a value is not known yet. */
export const UNKNOWN_VALUE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A resource's inputs. Secrets are `[secret]` in them; what is not known yet is `UNKNOWN_VALUE`. */
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

/** What the engine would do to one resource. */
export interface PreviewStep {
  /** Such as `same`, `create`, `update`, `replace`, `delete` or `read`. */
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** In the state; absent for one that is new. */
  readonly before?: DeclaredResource;
  /** In the program; absent for one that goes. */
  readonly after?: DeclaredResource;
}

/** Something that the engine or the program said. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** A run of the engine before it happens. */
export interface Preview {
  readonly steps: readonly PreviewStep[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The hashes of the build inputs that a Publication has. */
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

/** What `pulumi preview --json` prints (`PreviewDigest` in the engine's sdk/go/common/apitype). */
const Digest = z.object({
  steps: z.array(Step).default([]),
  diagnostics: z.array(RawDiagnostic).nullish(),
});

/**
 * Reads what `pulumi preview --json` printed; `file` names where that is. Throws an InvalidInputError
 * (PREVIEW_UNREADABLE) for anything else: nothing is to be concluded from a plan that is not understood.
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
  const { type, name } = partsOf(urn);
  return {
    ...{ operation: op, type, name },
    ...(oldState && { before: resourceOf(oldState) }),
    ...(newState && { after: resourceOf(newState) }),
  };
}

function resourceOf({ urn, inputs, protect }: z.output<typeof State>): DeclaredResource {
  return { ...partsOf(urn), inputs, protect };
}

/** `urn:pulumi:<stack>::<project>::<parents' types>$<type>::<name>`; a name may have colons. */
function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = '', ...name] = urn.split('::');
  return { type: types.split('$').at(-1) ?? '', name: name.join('::') };
}
