import type { PropertyValue } from '../../../oci/protocol/resource-type.ts';
import type { Settings } from './settings.ts';

/** One input of a resource, as the official plug-in understands it. */
export interface Field {
  readonly type: 'text' | 'flag' | 'number' | 'list' | 'object';
  /** The program must set it. */
  readonly required?: true;
  /** No update in place can change it. */
  readonly replaces?: true;
  /** Where the program doesn't set it, whatever Google has is right. */
  readonly computed?: true;
  /** Known to the plug-in and the state only: Google is never told. */
  readonly local?: true;
  /** The value where the program doesn't set it. */
  readonly fallback?: (settings: Settings) => PropertyValue | undefined;
  /** Makes a value up from the resource's name in the program, once. */
  readonly named?: (name: string) => string;
  readonly oneOf?: readonly string[];
  /** What is wrong with a value of the right type that is known. */
  readonly problem?: (value: PropertyValue) => string | undefined;
  /** Whether what is there means what is wanted; deep equality if absent. */
  readonly same?: (was: PropertyValue | undefined, wanted: PropertyValue | undefined) => boolean;
}

export type Fields = Readonly<Record<string, Field>>;

/** The project that a resource is in. */
export const PROJECT: Field = {
  type: 'text',
  required: true,
  replaces: true,
  fallback: ({ project }) => project,
};

/** The region or multi-region that a resource is in. */
export const LOCATION: Field = { ...PROJECT, fallback: ({ region }) => region };

/** Whether the engine may delete the resource (DELETE), must not (PREVENT), or only forgets it (ABANDON). */
export const DELETION_POLICY: Field = {
  type: 'text',
  local: true,
  oneOf: ['DELETE', 'PREVENT', 'ABANDON'],
  fallback: ({ deletionPolicy }) => deletionPolicy,
};
