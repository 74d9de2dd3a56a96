import type { Properties } from '../../plugin/resource-type.ts';
import type { Fields } from './field.ts';
import { parseId } from './import-id.ts';
import { POLICY_VERSION } from './policy.ts';
import { textOf } from './property-text.ts';
import type { Question } from './question.ts';
import { sameName } from './same-value.ts';
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

const REPOSITORY = 'projects/{project}/locations/{location}/repositories/{repository}';
const REQUESTED = { requestedPolicyVersion: POLICY_VERSION };
const REQUESTED_QUERY = { 'options.requestedPolicyVersion': String(POLICY_VERSION) };

/** A repository of Artifact Registry, by its id or its full name. */
export const REPOSITORY_POLICIES: PolicyPlaces = {
  fields: {
    // Where the program says neither, the repository's full name does, or the provider's settings.
    project: { type: 'text', replaces: true, computed: true },
    location: { type: 'text', replaces: true, computed: true },
    repository: { type: 'text', required: true, replaces: true, same: sameName },
  },
  placeOf(inputs, { project, region }) {
    const home = {
      project: textOf(inputs, 'project') || project,
      region: textOf(inputs, 'location') || region,
    };
    const parts = ['project', 'location', 'repository'] as const;
    const named = parseId(REPOSITORY, parts, textOf(inputs, 'repository'), home);
    const resource =
      `projects/${named.project}/locations/${named.location}` + `/repositories/${named.repository}`;
    const service = 'artifactRegistry';
    const admin = 'roles/artifactregistry.admin';
    return {
      resource,
      inputs: { project: named.project, location: named.location, repository: resource },
      get: {
        service,
        method: 'GET',
        path: `${resource}:getIamPolicy`,
        asked: `read who may use the repository ${resource}`,
        permission: `artifactregistry.repositories.getIamPolicy (${admin} has it)`,
      },
      set: {
        service,
        method: 'POST',
        path: `${resource}:setIamPolicy`,
        asked: `say who may use the repository ${resource}`,
        permission: `artifactregistry.repositories.setIamPolicy (${admin} has it)`,
      },
    };
  },
  inputsOf: (resource) => ({ repository: resource }),
};

/** A project, by its id. */
export const PROJECT_POLICIES: PolicyPlaces = {
  // The official plug-in has no default here: rights in a project are too much for a guess.
  fields: { project: { type: 'text', required: true, replaces: true, same: sameName } },
  placeOf(inputs) {
    const resource = textOf(inputs, 'project');
    const path = `projects/${resource.split('/').at(-1) ?? ''}`;
    const admin = 'roles/resourcemanager.projectIamAdmin';
    return {
      resource,
      inputs: { project: resource },
      get: {
        service: 'resourceManager',
        method: 'POST',
        path: `${path}:getIamPolicy`,
        body: { options: REQUESTED },
        asked: `read who may do what in the project ${resource}`,
        permission: `resourcemanager.projects.getIamPolicy (${admin} has it)`,
      },
      set: {
        service: 'resourceManager',
        method: 'POST',
        path: `${path}:setIamPolicy`,
        body: { updateMask: 'bindings,etag,auditConfigs' },
        asked: `say who may do what in the project ${resource}`,
        permission: `resourcemanager.projects.setIamPolicy (${admin} has it)`,
      },
    };
  },
  inputsOf: (project) => ({ project }),
};

/** A service account, by its full name. */
export const ACCOUNT_POLICIES: PolicyPlaces = {
  fields: {
    serviceAccountId: {
      type: 'text',
      required: true,
      replaces: true,
      problem: (name) =>
        typeof name === 'string' && /^projects\/[^/]+\/serviceAccounts\/[^/]+$/.test(name)
          ? undefined
          : 'write the full name: projects/{project}/serviceAccounts/{email}',
    },
  },
  placeOf(inputs) {
    const resource = textOf(inputs, 'serviceAccountId');
    const admin = 'roles/iam.serviceAccountAdmin';
    return {
      resource,
      inputs: { serviceAccountId: resource },
      get: {
        service: 'iam',
        method: 'POST',
        path: `${resource}:getIamPolicy`,
        query: REQUESTED_QUERY,
        asked: `read who may use the service account ${resource}`,
        permission: `iam.serviceAccounts.getIamPolicy (${admin} has it)`,
      },
      set: {
        service: 'iam',
        method: 'POST',
        path: `${resource}:setIamPolicy`,
        asked: `say who may use the service account ${resource}`,
        permission: `iam.serviceAccounts.setIamPolicy (${admin} has it)`,
      },
    };
  },
  inputsOf: (serviceAccountId) => ({ serviceAccountId }),
};
