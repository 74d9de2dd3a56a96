import { parseId } from './import-id.ts';
import { policyQuestions, type PolicyPlaces } from './policy-place.ts';
import { textOf } from './property-text.ts';
import { sameName } from './same-value.ts';

const TEMPLATE = 'projects/{project}/locations/{location}/repositories/{repository}';
const ID_PARTS = ['project', 'location', 'repository'] as const;

/** A repository of Artifact Registry, by its id or its full name. */
export const REPOSITORY_POLICIES: PolicyPlaces = {
  fields: {
    // Where the program says neither, the repository's full name does, or the provider's settings.
    project: { type: 'text', replaces: true, computed: true },
    location: { type: 'text', replaces: true, computed: true },
    repository: { type: 'text', required: true, replaces: true, same: sameName },
  },
  placeOf(inputs, settings) {
    const home = {
      project: textOf(inputs, 'project') || settings.project,
      region: textOf(inputs, 'location') || settings.region,
    };
    const named = parseId(TEMPLATE, ID_PARTS, textOf(inputs, 'repository'), home);
    const { project, location } = named;
    const resource = `projects/${project}/locations/${location}/repositories/${named.repository}`;
    return {
      resource,
      inputs: { project, location, repository: resource },
      ...policyQuestions({
        service: 'artifactRegistry',
        path: resource,
        what: `who may use the repository ${resource}`,
        permissions: 'artifactregistry.repositories',
        admin: 'roles/artifactregistry.admin',
        get: { method: 'GET' },
      }),
    };
  },
  inputsOf: (resource) => ({ repository: resource }),
};
