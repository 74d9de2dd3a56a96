import { z } from 'zod';
import { parseJson } from '../json.ts';
import { inputError } from '../problem.ts';

/** Stands in the output of `pulumi preview --json` for a value that is not known yet. */
export const UNKNOWN_VALUE = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A resource's inputs. Secrets are `[secret]` in them, unknown values are `UNKNOWN_VALUE`. */
export type Inputs = Readonly<Record<string, unknown>>;

/** A resource as the program declares it. */
export interface DeclaredResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  /** The outputs of the last run; absent where there was none. */
  readonly outputs?: Inputs | undefined;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
}

const State = z
  .object({
    urn: z.string(),
    type: z.string(),
    inputs: z.record(z.string(), z.unknown()).default({}),
    outputs: z.record(z.string(), z.unknown()).optional(),
    protect: z.boolean().default(false),
  })
  .transform(({ urn, ...state }): DeclaredResource => ({ ...state, ...partsOf(urn) }));

const Step = z
  .object({
    /** Such as `same`, `create`, `update`, `replace`, `delete` or `read`. */
    op: z.string(),
    urn: z.string(),
    /** Absent for a new resource. */
    oldState: State.nullish(),
    /** Absent for a resource that is deleted. */
    newState: State.nullish(),
  })
  .transform(({ op, urn, oldState, newState }) => {
    const states = { before: oldState ?? undefined, after: newState ?? undefined };
    return { operation: op, ...partsOf(urn), ...states };
  });

/** The engine's plan for one resource. */
export type PreviewStep = z.output<typeof Step>;

const Diagnostic = z.object({ severity: z.string().default('info'), message: z.string() });

/** A message of the engine or the program. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** The output of `pulumi preview --json` (`PreviewDigest` in the engine's sdk/go/common/apitype). */
const Digest = z.object({
  steps: z.array(Step).default([]),
  diagnostics: z
    .array(Diagnostic)
    .nullish()
    .transform((all) =>
      (all ?? []).flatMap(({ severity, message }): readonly Diagnostic[] => {
        if (severity !== 'error' && severity !== 'warning') return [];
        return [{ severity, message: message.trim() }];
      }),
    ),
});

/** The engine's plan for a run. */
export type Preview = z.output<typeof Digest>;

/**
 * Parses the output of `pulumi preview --json`; `file` is its path, for messages. Throws an
 * InvalidInputError (PREVIEW_UNREADABLE) for anything else: an unreadable plan must not pass as empty.
 */
export function parsePreview(text: string, file: string): Preview {
  return parseOutput(Digest, text, file, 'PREVIEW_UNREADABLE', 'pulumi preview --json');
}

/** Parses the JSON that a command has printed to `file`. Throws an InvalidInputError with `code`. */
export function parseOutput<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  file: string,
  code: string,
  command: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const problem = `this is not what \`${command}\` prints`;
  const remedy = 'write its standard output to a file, alone';
  throw inputError(code, problem, remedy, { file });
}

/** `urn:pulumi:<stack>::<project>::<parents' types>$<type>::<name>`; a name may have colons. */
function partsOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = '', ...name] = urn.split('::');
  return { type: types.split('$').at(-1) ?? '', name: name.join('::') };
}
