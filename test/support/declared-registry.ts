import { expect } from 'vitest';
import { stringify } from 'yaml';
import { provideTrigger } from './provide-trigger.ts';
import { startPublishingFixture, type PublishingFixture } from './publishing-fixture.ts';
import type { CheckoutOptions, TestCheckout } from './test-checkout.ts';
import { TEST_REPOSITORY } from './test-settings.ts';

const { project, region, id } = TEST_REPOSITORY;
const PARENT = `projects/${project}/locations/${region}`;

/** What the program declares, by the full names that Google's APIs have for it. */
export const REPOSITORY = `${PARENT}/repositories/${id}`;
export const JOB = `${PARENT}/jobs/refresh-${id}`;
export const STARTER = `refresh-${id}@${project}.iam.gserviceaccount.com`;
export const ACCOUNT = `projects/${project}/serviceAccounts/${STARTER}`;
export const ROLE = `projects/${project}/roles/refresh_${id}`;
export const TRIGGER = `projects/${project}/locations/global/triggers/refresh-images`;
export const WRITER = 'serviceAccount:publisher@example-project.iam.gserviceaccount.com';

/** Settings by which the program declares all that it can. */
export const ALL_SETTINGS = { readers: ['allUsers'], writers: [WRITER], refreshTrigger: TRIGGER };

/** A checkout that declares a registry with access and schedule, and what became of it at Google. */
export interface DeclaredRegistry {
  readonly fixture: PublishingFixture;
  readonly checkout: TestCheckout;
  /** What `GET v1/<name>` answers. */
  read(name: string): Promise<unknown>;
  /** The status of that answer. */
  statusOf(name: string): Promise<number>;
  /** A call that has to go well, by somebody else than the program; gives the answer. */
  act(method: string, path: string, body?: object): Promise<unknown>;
  /** Writes config/retention.yml: 30 days, the newest one, `latest`, dry run; and what is changed of it. */
  retain(changes?: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

export async function startDeclaredRegistry(
  images: readonly string[],
  options?: CheckoutOptions,
): Promise<DeclaredRegistry> {
  const fixture = await startPublishingFixture();
  const checkout = await fixture.checkout(options);
  await provideTrigger(fixture.emulator, TRIGGER);
  const act = async (method: string, path: string, body?: object) => {
    const answer = await fixture.call(method, path, body);
    expect([path, answer.status, answer.body]).toMatchObject([path, 200, {}]);
    return answer.body;
  };
  const retain = (changes: Readonly<Record<string, unknown>> = {}) => {
    checkout.write('config/retention.yml', retentionYml(changes));
  };
  checkout.configure(ALL_SETTINGS);
  checkout.declare(images, fixture.base);
  retain();
  checkout.commit();
  return {
    fixture,
    checkout,
    read: (name) => act('GET', `v1/${name}`),
    statusOf: async (name) => (await fixture.call('GET', `v1/${name}`)).status,
    act,
    retain,
    close: () => fixture.close(),
  };
}

function retentionYml(changes: Readonly<Record<string, unknown>>): string {
  return stringify({
    dryRun: true,
    window: '30d',
    keepNewest: 1,
    untaggedAfter: '7d',
    keepAliases: ['latest'],
    allow: [],
    gracePeriod: '7d',
    sources: [],
    ...changes,
  });
}
