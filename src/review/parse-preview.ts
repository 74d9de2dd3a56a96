import { parseJson } from '../json.ts';
import { z } from 'zod';
import type { DeclaredResource, Preview, PreviewStep } from './preview.ts';
import { InvalidInputError } from '../problem.ts';

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

const Diagnostic = z.object({ severity: z.string().default('info'), message: z.string() });

/** What `pulumi preview --json` prints (`PreviewDigest` in the engine's sdk/go/common/apitype). */
const Digest = z.object({
  steps: z.array(Step).default([]),
  diagnostics: z.array(Diagnostic).nullish(),
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
