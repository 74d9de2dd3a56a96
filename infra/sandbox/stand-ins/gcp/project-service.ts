import { isList, isObject, type Properties } from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, PROJECT, type Fields } from './field.ts';
import type { Kind, Work } from './kind.ts';
import { textOf } from './property-text.ts';
import type { Question } from './question.ts';
import { sameName } from './same-value.ts';
import { unlessGone } from './unless-gone.ts';
import { waitForOperation } from './wait-for-operation.ts';

const FIELDS: Fields = {
  project: { ...PROJECT, same: sameName },
  service: {
    type: 'text',
    required: true,
    replaces: true,
    problem: (name) =>
      typeof name === 'string' && name.includes('.')
        ? undefined
        : 'write a domain, such as artifactregistry.googleapis.com',
  },
  disableOnDestroy: { type: 'flag', local: true },
  disableDependentServices: { type: 'flag', local: true },
  checkIfServiceHasUsageOnDestroy: { type: 'flag', local: true },
  deletionPolicy: DELETION_POLICY,
};

/** `gcp:projects/service:Service`: an API that is on in a project. Off again only with `disableOnDestroy`. */
export const PROJECT_SERVICE: Kind = {
  token: 'gcp:projects/service:Service',
  fields: FIELDS,
  outputs: [],
  idOf: (inputs) => `${projectOf(inputs)}/${textOf(inputs, 'service')}`,
  fullId(id) {
    if (/^[^/\s]+\/[^/\s]+$/.test(id)) return id;
    throw new Error(`"${id}" is not an id of this type; write {project}/{service}`);
  },

  async create(inputs, work) {
    const [project, service] = [projectOf(inputs), textOf(inputs, 'service')];
    if (!(await isEnabled(project, service, work))) await enable(project, service, work);
    return { project, service };
  },

  async read(id, _was, work) {
    const [project = '', service = ''] = id.split('/');
    const isOn = await unlessGone(isEnabled(project, service, work));
    return isOn === true ? { project, service } : undefined;
  },

  // Only what Google is never told can change in place; after a failed run there is nothing to mend.
  update: (_id, { wanted }) =>
    Promise.resolve({ project: projectOf(wanted), service: textOf(wanted, 'service') }),

  async delete(id, was, work) {
    if (was['disableOnDestroy'] !== true) return;
    const [project = '', service = ''] = id.split('/');
    const question = questionOf(project, service, 'disable', {
      method: 'POST',
      path: `projects/${project}/services/${service}:disable`,
      body: {
        disableDependentServices: was['disableDependentServices'] === true,
        checkIfServiceHasUsage: was['checkIfServiceHasUsageOnDestroy'] === true ? 'CHECK' : 'SKIP',
      },
    });
    const operation = await unlessGone(work.ask(question));
    if (operation !== undefined) await waitForOperation(operation, question, work);
  },
};

async function enable(project: string, service: string, work: Work): Promise<void> {
  const path = `projects/${project}/services/${service}:enable`;
  const question = questionOf(project, service, 'enable', { method: 'POST', path, body: {} });
  await waitForOperation(await work.ask(question), question, work);
}

async function isEnabled(project: string, service: string, { ask }: Work): Promise<boolean> {
  let token = '';
  do {
    const page = await ask(
      questionOf(project, service, 'list', {
        method: 'GET',
        path: `projects/${project}/services`,
        query: {
          filter: 'state:ENABLED',
          pageSize: '200',
          ...(token !== '' && { pageToken: token }),
        },
      }),
    );
    const services = isList(page['services']) ? page['services'].filter(isObject) : [];
    if (services.some((one) => textOf(one, 'name').endsWith(`/services/${service}`))) return true;
    token = textOf(page, 'nextPageToken');
  } while (token !== '');
  return false;
}

function questionOf(
  project: string,
  service: string,
  verb: 'list' | 'enable' | 'disable',
  call: Pick<Question, 'method' | 'path'> & Partial<Question>,
): Question {
  return {
    service: 'serviceUsage',
    asked:
      verb === 'list'
        ? `look whether ${service} is on in the project ${project}`
        : `${verb} ${service} in the project ${project}`,
    permission: `serviceusage.services.${verb} (roles/serviceusage.serviceUsageAdmin has it)`,
    ...call,
  };
}

function projectOf(inputs: Properties): string {
  return textOf(inputs, 'project').split('/').at(-1) ?? '';
}
