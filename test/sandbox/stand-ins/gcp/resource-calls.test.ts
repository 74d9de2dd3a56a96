import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../../infra/oci/protocol/unary.ts';
import { scriptedGoogle } from './scripted-google.ts';

const JOBS = 'cloudscheduler/v1/projects/ci-images/locations/europe-west4/jobs';
const ACCOUNTS = 'iam/v1/projects/ci-images/serviceAccounts';
const ROLES = 'iam/v1/projects/ci-images/roles';
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';

interface Sample {
  readonly type: string;
  readonly parent: string;
  readonly name: string;
  readonly news: Properties;
  readonly there: Properties;
}

const JOB: Sample = {
  type: 'gcp:cloudscheduler/job:Job',
  parent: JOBS,
  name: 'refresh',
  news: { name: 'refresh', schedule: '* * * * *', httpTarget: { uri: 'https://x.org' } },
  there: { name: 'refresh', state: 'ENABLED' },
};
const ACCOUNT: Sample = {
  type: 'gcp:serviceaccount/account:Account',
  parent: ACCOUNTS,
  name: EMAIL,
  news: { accountId: 'runner' },
  there: { email: EMAIL, projectId: 'ci-images' },
};
const ROLE: Sample = {
  type: 'gcp:projects/iAMCustomRole:IAMCustomRole',
  parent: ROLES,
  name: 'starter',
  news: { roleId: 'starter', title: 'Starts', permissions: ['a.b.c'] },
  there: { title: 'Starts', includedPermissions: ['a.b.c'] },
};
const CONFLICT = { status: 409 };
const GONE = { status: 404 };

/** Answers of a Google where a first try to make it seems to fail. */
function madeUnseen({ type, parent, name, there }: Sample) {
  const one = `${parent}/${name}`;
  return {
    [`POST ${parent}`]: [{ status: 503 }, CONFLICT],
    [`POST ${one}:resume`]: {},
    // A role is looked for before it is made.
    [`GET ${one}`]: type === ROLE.type ? [GONE, there] : there,
  };
}

describe.each([JOB, ACCOUNT, ROLE])('$type', (sample) => {
  const { type, parent, name, news } = sample;
  const one = `${parent}/${name}`;

  test('takes what an earlier try has made', async () => {
    const { resource, calls } = await scriptedGoogle(madeUnseen(sample));
    const { id } = await resource(type).create(news);
    expect(id).toMatch(new RegExp(`/${name}$`));
    expect(calls().filter((call) => call === `POST ${parent}`)).toHaveLength(2);
  });

  test('takes nothing that somebody else has made', async () => {
    const answers = { [`POST ${parent}`]: CONFLICT, [`GET ${one}`]: GONE };
    const { resource } = await scriptedGoogle(answers);
    await expect(resource(type).create(news)).rejects.toThrow(`/${name} (README.md`);
  });

  test('is gone where Google says so, and only there', async () => {
    const gone = await scriptedGoogle({ [`GET ${one}`]: GONE, [`DELETE ${one}`]: GONE });
    const id = one.replace(/^[a-z]+\/v1\//, '');
    expect(await gone.resource(type).read(id)).toBeUndefined();
    await gone.resource(type).delete(id);
    const no = { status: 403 };
    const refused = await scriptedGoogle({ [`GET ${one}`]: no, [`DELETE ${one}`]: no });
    await expect(refused.resource(type).read(id)).rejects.toThrow(/^could not read the .*\.get /);
    await expect(refused.resource(type).delete(id)).rejects.toThrow(/^could not delete the /);
  });
});

test('a job that an earlier try has made and that can not be read is left to the next run', async () => {
  const { resource } = await scriptedGoogle({
    ...madeUnseen(JOB),
    [`GET ${JOBS}/refresh`]: { status: 403 },
  });
  const create = resource(JOB.type).create(JOB.news);
  await expect(create).rejects.toThrow(UnfinishedError);
});
