import type { Properties } from '../../../oci/protocol/resource-type.ts';
import type { Fields } from './fields.ts';
import type { Send } from './google-client.ts';
import type { Settings } from './settings.ts';

/** What the requests for one resource need. */
export interface Work {
  readonly send: Send;
  readonly settings: Settings;
  /** Waits for so many milliseconds, or until the run is cancelled. */
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

/** An update: the outputs in the state, the inputs of this run, and the fields that differ. */
export interface Change {
  readonly was: Properties;
  readonly wanted: Properties;
  readonly changed: readonly string[];
}

/** Tells one resource type from another. `restKind` and `grantKind` make them, `gcpResourceType` uses them. */
export interface Kind {
  /** Such as `gcp:cloudscheduler/job:Job`. */
  readonly token: string;
  readonly fields: Fields;
  /** Outputs that are no inputs. */
  readonly outputs: readonly string[];
  /** The id of the resource that inputs ask for. */
  idOf(inputs: Properties, settings: Settings): string;
  /** The id that an import asks for, maybe in a short form. Throws for any other text. */
  importId(id: string, settings: Settings): string;
  /** Outputs that follow from the inputs, or from the state. */
  planned?(inputs: Properties, was: Properties | undefined, settings: Settings): Properties;
  /** Fields that have to be sent although the program's values are those of the state. */
  alsoChanged?(was: Properties, wanted: Properties, settings: Settings): readonly string[];
  /** Returns the outputs. Throws an `UnfinishedError` where a next run must finish the resource. */
  create(inputs: Properties, work: Work): Promise<Properties>;
  /** Returns the outputs; `undefined` when the resource is gone. `was` is empty in an import. */
  read(id: string, was: Properties, work: Work): Promise<Properties | undefined>;
  /** Returns the outputs. Absent where every change replaces. */
  update?(id: string, change: Change, work: Work): Promise<Properties>;
  delete(id: string, was: Properties, work: Work): Promise<void>;
}
