import { expect } from 'vitest';
import { stringify } from 'yaml';
import { startPublishingFixture, type PublishingFixture } from './publishing-fixture.ts';
import { type CheckoutOptions, type TestCheckout, TEST_REPOSITORY } from './test-checkout.ts';
import { ACCESS_TOKEN } from '../../infra/sandbox/sandbox.ts';

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

/**
 * Creates the Cloud Build trigger of that full name (`projects/P/locations/L/triggers/NAME`) in the
 * emulator, unless it is there: what is done once by hand in a Google project, since a trigger belongs
 * to the connection with the source's host. Returns whether it was missing.
 */
export async function provideTrigger(emulator: string, trigger: string): Promise<boolean> {
  const found = await ask(emulator, 'GET', trigger);
  if (found.ok) return false;
  const [parent = '', name] = trigger.split(/\/(?=[^/]*$)/);
  const created = await ask(emulator, 'POST', parent, { name });
  if (created.ok) return true;
  throw new Error(`the emulator did not create ${trigger}: ${await created.text()}`);
}

async function ask(emulator: string, method: string, path: string, body?: object) {
  return fetch(`http://${emulator}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${ACCESS_TOKEN}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
}
