import { POLICY_VERSION } from './policy.ts';
import { policyQuestions, type PolicyPlaces } from './policy-place.ts';
import { textOf } from './property-text.ts';

const NAME = /^projects\/[^/]+\/serviceAccounts\/[^/]+$/;

/** A service account, by its full name. */
export const ACCOUNT_POLICIES: PolicyPlaces = {
  fields: {
    serviceAccountId: {
      type: 'text',
      required: true,
      replaces: true,
      problem: (name) =>
        typeof name === 'string' && NAME.test(name)
          ? undefined
          : 'write the full name: projects/{project}/serviceAccounts/{email}',
    },
  },
  placeOf(inputs) {
    const resource = textOf(inputs, 'serviceAccountId');
    const query = { 'options.requestedPolicyVersion': String(POLICY_VERSION) };
    return {
      resource,
      inputs: { serviceAccountId: resource },
      ...policyQuestions({
        service: 'iam',
        path: resource,
        what: `who may use the service account ${resource}`,
        permissions: 'iam.serviceAccounts',
        admin: 'roles/iam.serviceAccountAdmin',
        get: { method: 'POST', query },
      }),
    };
  },
  inputsOf: (serviceAccountId) => ({ serviceAccountId }),
};
