import type { BuildInputs } from '../tag/build-inputs.ts';

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
