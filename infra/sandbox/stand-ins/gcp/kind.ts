import type { CheckFailure, Properties } from '../../../oci/protocol/resource-type.ts';
import type { Fields } from './field.ts';
import type { Ask } from './question.ts';
import type { Settings } from './settings.ts';

/** What the calls for one resource need. */
export interface Work {
  readonly ask: Ask;
  readonly settings: Settings;
  /** Waits for so many milliseconds, or until the run is cancelled. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** From what to what a resource is to change. */
export interface Change {
  /** The inputs of the last run, and what was there after it, or after a refresh. */
  readonly oldInputs: Properties;
  readonly was: Properties;
  /** The inputs of this run. */
  readonly wanted: Properties;
}

/** What tells one resource type from another; `resourceType` makes a resource type of it. */
export interface Kind {
  /** Such as `gcp:cloudscheduler/job:Job`. */
  readonly token: string;
  readonly fields: Fields;
  /** Outputs that are no inputs. */
  readonly outputs: readonly string[];
  /** The id of the resource that inputs ask for. */
  idOf(inputs: Properties, settings: Settings): string;
  /** The id to read by: what an import's short form stands for; throws where it is none. */
  fullId(id: string, settings: Settings): string;
  /** What is wrong with the inputs as a whole; those that are not known yet are no mistake. */
  problems?(inputs: Properties): readonly CheckFailure[];
  /** What changed besides the fields themselves. */
  moreChanged?(change: Change, settings: Settings): readonly string[];
  /** Outputs that follow from the inputs, or from what is there already; for a preview. */
  planned?(inputs: Properties, was: Properties | undefined, settings: Settings): Properties;
  /** Returns the outputs. Throws an `UnfinishedError` once there is something that a next run must know. */
  create(inputs: Properties, work: Work): Promise<Properties>;
  /** The outputs as they are now; `undefined` when the resource is gone. `was` is empty in an import. */
  read(id: string, was: Properties, work: Work): Promise<Properties | undefined>;
  /** Returns the outputs. Absent where every change replaces. */
  update?(id: string, change: Change, work: Work): Promise<Properties>;
  delete(id: string, was: Properties, work: Work): Promise<void>;
}
