import type { Properties } from '../../../oci/protocol/resource-type.ts';
import type { Fields } from './field.ts';
import type { Question } from './question.ts';
import type { Settings } from './settings.ts';

/** The calls for the policy of one resource. */
export interface PolicyPlace {
  /** The resource's part of an id. */
  readonly resource: string;
  /** The inputs that name the resource, as the official plug-in has them in its outputs. */
  readonly inputs: Properties;
  readonly get: Question;
  readonly set: Question;
}

/** Resources of one type, whose policies say who may do what. */
export interface PolicyPlaces {
  readonly fields: Fields;
  placeOf(inputs: Properties, settings: Pick<Settings, 'project' | 'region'>): PolicyPlace;
  /** The inputs that an id's part for the resource stands for. */
  inputsOf(resource: string): Properties;
}

/** How the policy of one resource is read and written. */
export interface PolicyCalls extends Pick<Question, 'service' | 'path'> {
  /** For messages: `who may use the repository projects/...`. */
  readonly what: string;
  /** What permissions begin with: `artifactregistry.repositories`. */
  readonly permissions: string;
  /** Google's own role that has both. */
  readonly admin: string;
  readonly get: Pick<Question, 'method'> & Partial<Question>;
  readonly set?: Partial<Question>;
}

/** The questions that read and write a policy. */
export function policyQuestions({
  service,
  path,
  what,
  permissions,
  admin,
  get,
  set,
}: PolicyCalls): Pick<PolicyPlace, 'get' | 'set'> {
  const permission = (verb: string) => `${permissions}.${verb} (${admin} has it)`;
  return {
    get: {
      service,
      path: `${path}:getIamPolicy`,
      asked: `read ${what}`,
      permission: permission('getIamPolicy'),
      ...get,
    },
    set: {
      service,
      method: 'POST',
      path: `${path}:setIamPolicy`,
      asked: `say ${what}`,
      permission: permission('setIamPolicy'),
      ...set,
    },
  };
}
