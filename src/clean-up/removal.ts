import type { Repository } from '../image-reference.ts';
import { CodedError } from '../problem.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';

/** How a registry deletes a version. */
export interface Remover {
  readonly name: string;
  /** Deletes a version with all its tags, which are those given. */
  remove(
    path: Repository,
    version: Pick<HeldVersion, 'digest' | 'tags'>,
  ): Promise<'removed' | 'gone'>;
}

type CleanUpErrorCode =
  | 'CLEAN_UP_UNSUPPORTED' // The registry deletes nothing by an API that is known here.
  | 'CLEAN_UP_NO_TOKEN'
  | 'CLEAN_UP_TOO_MUCH' // More than the share that one run may delete.
  | 'CLEAN_UP_FEWER' // An image has far fewer publications than after the run before.
  | 'CLEAN_UP_CUT' // A list lacks what is there.
  | 'CLEAN_UP_CHANGED' // The registry does not come to rest.
  | 'CLEAN_UP_STAYED'; // It says that it has deleted what it still has.

/** Why a clean-up does not go on. The message is ready to print. */
export class CleanUpError extends CodedError<CleanUpErrorCode> {
  override readonly name = 'CleanUpError';
}
