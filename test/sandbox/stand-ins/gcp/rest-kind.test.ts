import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../../infra/oci/protocol/unary.ts';
import { parseId } from '../../../../infra/sandbox/stand-ins/gcp/path-template.ts';
import { scriptedGoogle } from './scripted-google.ts';

const PLACE = 'projects/ci-images/locations/europe-west4';
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';
const CONFLICT = { status: 409 };
const GONE = { status: 404 };

interface Sample {
  readonly type: string;
  readonly api: string;
  readonly parent: string;
  readonly name: string;
  readonly query?: string;
  readonly news: Properties;
  readonly there: Properties;
  /** Short forms of its id. */
  readonly short: readonly string[];
}

const JOB: Sample = {
  type: 'gcp:cloudscheduler/job:Job',
  api: 'cloudscheduler',
  parent: `${PLACE}/jobs`,
  name: 'refresh',
  news: { name: 'refresh', schedule: '* * * * *', httpTarget: { uri: 'https://x.org' } },
  there: { name: 'refresh', state: 'ENABLED' },
  short: ['ci-images/europe-west4/refresh', 'europe-west4/refresh', 'refresh'],
};
const ROLE: Sample = {
  type: 'gcp:projects/iAMCustomRole:IAMCustomRole',
  api: 'iam',
  parent: 'projects/ci-images/roles',
  name: 'starter',
  news: { roleId: 'starter', title: 'Starts', permissions: ['a.b.c'] },
  there: { title: 'Starts', includedPermissions: ['a.b.c'] },
  short: ['ci-images/starter', 'starter'],
};
const SAMPLES: readonly Sample[] = [
  JOB,
  ROLE,
  {
    type: 'gcp:serviceaccount/account:Account',
    api: 'iam',
    parent: 'projects/ci-images/serviceAccounts',
    name: EMAIL,
    news: { accountId: 'runner' },
    there: { email: EMAIL, projectId: 'ci-images' },
    short: [`ci-images/${EMAIL}`, EMAIL],
  },
  {
    type: 'gcp:artifactregistry/repository:Repository',
    api: 'artifactregistry',
    parent: `${PLACE}/repositories`,
    name: 'images',
    query: '?repository_id=images',
    news: { repositoryId: 'images', format: 'DOCKER' },
    there: { format: 'DOCKER' },
    short: ['ci-images/europe-west4/images', 'europe-west4/images', 'images'],
  },
];

/** Responses of a Google where a first try to make a resource seems to fail. */
function madeUnseen({ type, api, parent, name, query = '', there }: Sample) {
  const one = `${api}/v1/${parent}/${name}`;
  return {
    [`POST ${api}/v1/${parent}${query}`]: [{ status: 503 }, CONFLICT],
    [`POST ${one}:resume`]: {},
    // A role is looked for before it is made.
    [`GET ${one}`]: type === ROLE.type ? [GONE, there] : there,
  };
}

describe.each(SAMPLES)('$type', (sample) => {
  const { type, api, parent, name, query = '', news, there, short } = sample;
  const id = `${parent}/${name}`;
  const one = `${api}/v1/${id}`;
  const create = `POST ${api}/v1/${parent}${query}`;

  test('takes what an earlier try has made', async () => {
    const { resource, calls } = await scriptedGoogle(madeUnseen(sample));
    expect(await resource(type).create(news)).toMatchObject({ id });
    expect(calls().filter((call) => call === create)).toHaveLength(2);
  });

  test('takes nothing that somebody else has made, and says how to import it', async () => {
    const { resource } = await scriptedGoogle({ [create]: CONFLICT, [`GET ${one}`]: GONE });
    await expect(resource(type).create(news)).rejects.toThrow(
      `take over the existing one by \`pulumi import\` with the id ${id} (infra/TROUBLESHOOTING.md`,
    );
  });

  test('is gone where Google says so, and only there', async () => {
    const gone = await scriptedGoogle({ [`GET ${one}`]: GONE, [`DELETE ${one}`]: GONE });
    expect(await gone.resource(type).read(id)).toBeUndefined();
    await gone.resource(type).delete(id);
    const no = { status: 403 };
    const refused = await scriptedGoogle({ [`GET ${one}`]: no, [`DELETE ${one}`]: no });
    await expect(refused.resource(type).read(id)).rejects.toThrow(/^could not read the .*\.get /);
    await expect(refused.resource(type).delete(id)).rejects.toThrow(/^could not delete the /);
  });

  test.each([id, ...short])('is imported by %s', async (requested) => {
    const { resource } = await scriptedGoogle({ [`GET ${one}`]: there });
    const state = await resource(type).read(requested);
    expect(state).toMatchObject({ id, outputs: { deletionPolicy: 'DELETE' } });
    const [first = ''] = Object.keys(news);
    expect(state?.inputs).toMatchObject({ [first]: news[first] });
  });
});

test('a job that an earlier try has made and that can not be read is left to the next run', async () => {
  const get = `GET cloudscheduler/v1/${JOB.parent}/refresh`;
  const { resource } = await scriptedGoogle({ ...madeUnseen(JOB), [get]: { status: 403 } });
  await expect(resource(JOB.type).create(JOB.news)).rejects.toThrow(UnfinishedError);
});

test.each(['', 'a/b/c/d', 'p//r', 'a b'])('"%s" is not taken for an id', (id) => {
  const template = 'projects/{project}/things/{thing}';
  const parse = () => parseId(template, id, { project: 'p', region: 'r' });
  expect(parse).toThrow(`"${id}" is not an id of this type; write ${template}`);
});
