import type { Diagnostic } from './preview.ts';
import type { BuildInput } from '../tag/build-inputs.ts';

/** What a run of the engine would change, in the words of this project. */
export interface Summary {
  readonly images: readonly ImageChange[];
  readonly aliases: readonly AliasMove[];
  readonly policies: readonly PolicyChange[];
  readonly others: readonly OtherChange[];
  readonly diagnostics: readonly Diagnostic[];
}

/** An image whose version changes. */
export interface ImageChange {
  readonly name: string;
  /**
   * `build`: built and pushed. `adopt`: its tag is in the registry already, so nothing is built.
   * `leave`: it is not in the catalog any more; what was published stays.
   */
  readonly action: 'build' | 'adopt' | 'leave';
  /** Immutable tags; the old one is absent for an image that is new. */
  readonly from?: string;
  readonly to?: string;
  /** The build inputs that differ; empty for an image that is new, or that the registry has lost. */
  readonly why: readonly BuildInput[];
  /** What it is built from now, where that is known. */
  readonly base?: string;
  readonly snapshot?: string;
}

/** A tag that will name another version. */
export interface AliasMove {
  readonly image: string;
  readonly alias: string;
  /** A digest, a tag, or empty for what `latest` names; absent for an alias that is new. */
  readonly from?: string;
  /** Absent where it is what the run builds; `gone` for one that is taken away. */
  readonly to?: string;
}

/** A clean-up policy that comes, goes or changes. */
export interface PolicyChange {
  readonly registry: string;
  readonly id: string;
  /** As JSON; absent where there is none. */
  readonly from?: string;
  readonly to?: string;
}

/** Any other resource that changes. */
export interface OtherChange {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
  /** Names only: values may be secret. */
  readonly properties: readonly string[];
}
