import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denied, googleFaults, type GoogleFaults } from '../support/google-faults.ts';
import {
  expectPlainFailure,
  expectRefused,
  plannedTags,
  reportedOf,
  succeeded,
} from '../support/engine-output.ts';
import type { Run } from '../support/processes.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

// One stack whose runs follow on one another, as they would while Google has a bad day.

const PROJECT = 'projects/ci-images';
const PARENT = `${PROJECT}/locations/europe-west4`;
const REPOSITORY = `${PARENT}/repositories/images`;
const POLICY = `${REPOSITORY}:getIamPolicy`;
const JOB = `${PARENT}/jobs/refresh-images`;
const ACCOUNT = `${PROJECT}/serviceAccounts/refresh-images@ci-images.iam.gserviceaccount.com`;
const SETTINGS = {
  readers: ['allUsers'],
  writers: ['group:ci@example.com'],
  refreshTrigger: `${PARENT}/triggers/refresh`,
  // Their defaults, of two minutes each, are nothing for a test.
  'gcp:requestTimeout': '10s',
  googleTimeoutSeconds: 20,
};
/** What one try is taken to be lost after, and a little more, in milliseconds. */
const TOO_LONG = 11_000;
/** A run may wait for several resources one after the other, each for its time and the last try. */
const LONGEST_RUN = 150_000;

const API = 'gcp:projects:Service (cloudscheduler.googleapis.com)';
const IMAGES = 'gcp:artifactregistry:Repository (images)';
const READERS = 'gcp:artifactregistry:RepositoryIamBinding (images-readers)';
const WRITERS = 'gcp:artifactregistry:RepositoryIamBinding (images-writers)';
const STARTER = 'gcp:serviceaccount:Account (refresh-starter)';
const ROLE = 'gcp:projects:IAMCustomRole (refresh-starter)';
const SCHEDULE = 'gcp:cloudscheduler:Job (refresh)';

let fixture: PublishingFixture;
let checkout: TestCheckout;
let google: GoogleFaults;
/** What the stack has published, as of its last good run. */
let published: unknown;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  google = googleFaults(fixture);
  checkout = await fixture.checkout();
  checkout.declare(['alpha', 'beta'], fixture.base);
  checkout.configure(SETTINGS);
  checkout.commit();
});

afterAll(() => fixture.close());

describe('a first run that Google refuses', () => {
  it('names what is not there, in time, and publishes nothing', async () => {
    await google.fail({
      // One by one, or in one batch.
      'POST .*/services.*nable': denied('serviceusage.services.enable', PROJECT),
      'POST .*/repositories[?]': denied('artifactregistry.repositories.create', PARENT),
      'POST .*/serviceAccounts': { status: 409 },
      'POST .*/roles': { cut: true },
      'POST .*/jobs': { status: 500 },
    });
    const run = await timed(up());
    expectRefused(run, {
      [API]: 403,
      [IMAGES]: /\b403\b[^]*artifactregistry\.repositories\.create/,
      [STARTER]: 409,
      [ROLE]: /error/,
      [SCHEDULE]: 500,
    });
    expectPlainFailure(run, 'alpha is not published', 'beta is not published');
    expect(await images()).toEqual({});
  });

  it('gets further once it may, asks again what failed by chance, and publishes', async () => {
    await google.mend();
    await google.fail({
      'POST .*/services.*nable': { status: 429, times: 1 },
      'POST .*/repositories[?]': { status: 503, times: 1 },
      'POST .*/serviceAccounts': { delayMs: 5000, times: 1 },
      'POST .*/images:setIamPolicy': {
        ...denied('artifactregistry.repositories.setIamPolicy', REPOSITORY),
        times: 1,
      },
      'POST .*:resume': denied('cloudscheduler.jobs.enable', JOB),
    });
    const run = await checkout.pulumi(...up());
    expectRefused(run, { [SCHEDULE]: /\b403\b[^]*cloudscheduler\.jobs\.enable/ });
    const ofGrants = reportedOf(run.output, READERS) + reportedOf(run.output, WRITERS);
    expect(ofGrants).toMatch(/\b403\b[^]*artifactregistry\.repositories\.setIamPolicy/);
    for (const good of [API, IMAGES, STARTER]) expect(reportedOf(run.output, good)).toBe('');
    expect(run.output).not.toContain('not published');
    expect(await images()).toMatchObject({ alpha: {}, beta: {} });
  });

  it('is finished by the next', async () => {
    await google.mend();
    await expectFinished();
    expect(await google.get(POLICY)).toMatchObject({ bindings: [readers(), writers()] });
    expect(await google.get(JOB)).toMatchObject({ state: 'ENABLED', schedule: '0 3 * * *' });
    published = await images();
  });
});

describe('changes that Google refuses', () => {
  const MORE = ['allUsers', 'group:more@example.com'];

  it('are named, and take nothing away: no image, no access, no schedule', async () => {
    checkout.declare(['alpha', 'beta', 'gamma'], fixture.base);
    checkout.configure({ ...SETTINGS, readers: MORE, refreshSchedule: '0 0 * * *' });
    checkout.write(
      'config/retention.yml',
      'dryRun: true\nwindow: 60d\nkeepNewest: 5\nuntaggedAfter: 14d\n' +
        'gracePeriod: 30d\nsources: []\n',
    );
    await google.fail({
      'PATCH .*/repositories/images': denied('artifactregistry.repositories.update', REPOSITORY),
      'POST .*/images:setIamPolicy': { status: 404 },
      'PATCH .*/jobs/refresh-images': { status: 429 },
    });
    await google.forget();
    const run = await timed(up());
    expectRefused(run, {
      [IMAGES]: /\b403\b[^]*artifactregistry\.repositories\.update/,
      [READERS]: 404,
      [SCHEDULE]: 429,
    });
    expectPlainFailure(run, 'gamma is not published');
    expect(run.output).not.toMatch(/(?:alpha|beta) is not published/);
    expect((await google.calls()).filter((call) => call.startsWith('DELETE'))).toEqual([]);
    expect(await images()).toEqual(published);
    expect(await google.get(POLICY)).toMatchObject({ bindings: [readers(), writers()] });
    expect(await google.get(JOB)).toMatchObject({ state: 'ENABLED', schedule: '0 3 * * *' });
  });

  it('are made by the next run, which pushes nothing that is published', async () => {
    await google.mend();
    fixture.gate.forget();
    await expectFinished();
    const { gamma = '' } = plannedTags(checkout);
    expect(await fixture.digest('gamma', gamma)).toMatch(/^sha256:/);
    expect(fixture.gate.seen.filter((line) => /^P\w+ .*\/(alpha|beta)\//.test(line))).toEqual([]);
    expect(await google.get(POLICY)).toMatchObject({ bindings: [readers(MORE), writers()] });
    expect(await google.get(JOB)).toMatchObject({ schedule: '0 0 * * *' });
    expect(await images()).toMatchObject(published as object);
    published = await images();
  });
});

describe('a refresh that Google does not answer', () => {
  it('asks again what failed by chance, or was not answered in time', async () => {
    await google.fail({
      [`GET .*/${REPOSITORY}[?]`]: { status: 500, times: 2 },
      [`GET .*/${JOB}`]: { delayMs: TOO_LONG, times: 1 },
    });
    await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
    await google.mend();
  });

  it('fails a preview by name', async () => {
    await google.fail({
      [`GET .*/${REPOSITORY}[?]`]: denied('artifactregistry.repositories.get', REPOSITORY),
    });
    const run = await checkout.pulumi('preview', '--refresh', '--color', 'never');
    expectRefused(run, { [IMAGES]: 403 });
    await google.mend();
  });

  it('fails an up that looks while the program runs, and only the engine speaks', async () => {
    await google.fail({ [`GET .*/${REPOSITORY}[?]`]: denied('the permission', REPOSITORY) });
    const run = await checkout.pulumi(...up('--refresh', '--run-program'));
    expectRefused(run, { [IMAGES]: /\b403\b[^]*the permission/ });
    expect(await images()).toEqual(published);
    await google.mend();
  });

  it('fails an up by name, and nothing is lost', async () => {
    await google.fail({ [`GET .*/${JOB}`]: denied('cloudscheduler.jobs.get', JOB) });
    await google.forget();
    const run = await checkout.pulumi(...up('--refresh'));
    expectRefused(run, { [SCHEDULE]: /\b403\b[^]*cloudscheduler\.jobs\.get/ });
    expect((await google.calls()).filter((call) => call.startsWith('DELETE'))).toEqual([]);
    expect(await images()).toEqual(published);
    await google.mend();
    await expectFinished();
  });
});

describe('Google out of reach', () => {
  it('is named by preview and up, and nothing is lost', async () => {
    checkout.configure({ ...SETTINGS, refreshSchedule: '0 4 * * *' });
    const [preview, run] = await fixture.withoutEmulator(async () => [
      await checkout.pulumi('preview', '--refresh', '--color', 'never'),
      await checkout.pulumi(...up()),
    ]);
    expectPlainFailure(preview, fixture.emulator);
    expectRefused(run, { [SCHEDULE]: new RegExp(fixture.emulator) });
    expect(run.output).not.toContain('not published');
    expect(await images()).toEqual(published);
  });

  it('does no harm: the next run makes the changes', async () => {
    await expectFinished();
    expect(await google.get(JOB)).toMatchObject({ schedule: '0 4 * * *' });
    expect(await google.get(ACCOUNT)).toBeDefined();
    expect(await images()).toEqual(published);
  });
});

/** A run that must not go on trying for long. */
async function timed(args: readonly string[]): Promise<Run> {
  const begun = performance.now();
  const run = await checkout.pulumi(...args);
  expect(performance.now() - begun).toBeLessThan(LONGEST_RUN);
  return run;
}

function readers(members = SETTINGS.readers) {
  return { role: 'roles/artifactregistry.reader', members };
}

function writers() {
  return { role: 'roles/artifactregistry.writer', members: SETTINGS.writers };
}

/** A plain `up` goes well, and Google is then as the program says. */
async function expectFinished(): Promise<void> {
  const { code, output } = await checkout.pulumi(...up());
  expect(output).not.toContain('error');
  expect(code).toBe(0);
  const gate = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
  expect(gate.output).not.toContain('error');
  expect(gate.code).toBe(0);
}

async function images(): Promise<unknown> {
  const { stdout } = await checkout.pulumi('stack', 'output', 'images', '--json');
  return JSON.parse(stdout);
}
