import type { Digest, ImageReference, Tag } from '../image-reference.ts';

/** A base image to look up, each once however many images have it. */
export interface WantedBase {
  /** `registry/repository:tag`. */
  readonly name: string;
  readonly reference: ImageReference & { readonly tag: Tag };
  /** What the catalog pins it to; `undefined` where it is not pinned. */
  readonly pins: readonly (Digest | undefined)[];
}

/** Why there is no answer, in the words of a `Problem`. */
export interface LookUpFailure {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What a base's tag names now. */
export type FoundBase =
  | {
      readonly digest: Digest;
      /** As `os/architecture[/variant]`; empty when every pin has this digest already. */
      readonly platforms: readonly string[];
    }
  | { readonly failure: LookUpFailure };

/** Asks the registries. The answers are keyed by the bases' names; one that fails stops no other. */
export type LookUpBases = (
  wanted: readonly WantedBase[],
) => Promise<ReadonlyMap<string, FoundBase>>;
