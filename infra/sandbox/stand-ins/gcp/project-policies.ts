import { POLICY_VERSION } from './policy.ts';
import { policyQuestions, type PolicyPlaces } from './policy-place.ts';
import { textOf } from './property-text.ts';
import { sameName } from './same-value.ts';

/** A project, by its id. */
export const PROJECT_POLICIES: PolicyPlaces = {
  // The official plug-in has no default here: rights in a project are too much for a guess.
  fields: { project: { type: 'text', required: true, replaces: true, same: sameName } },
  placeOf(inputs) {
    const resource = textOf(inputs, 'project');
    return {
      resource,
      inputs: { project: resource },
      ...policyQuestions({
        service: 'resourceManager',
        path: `projects/${resource.split('/').at(-1) ?? ''}`,
        what: `who may do what in the project ${resource}`,
        permissions: 'resourcemanager.projects',
        admin: 'roles/resourcemanager.projectIamAdmin',
        get: { method: 'POST', body: { options: { requestedPolicyVersion: POLICY_VERSION } } },
        set: { body: { updateMask: 'bindings,etag,auditConfigs' } },
      }),
    };
  },
  inputsOf: (project) => ({ project }),
};
