import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectPublished, reportedOf, succeeded } from '../support/engine-output.ts';
import { googleFaults, type GoogleFault, type GoogleFaults } from '../support/google-faults.ts';
import { provideTrigger, TRIGGER, WRITER } from '../support/declared-registry.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

/** Half of what Google takes with the official plug-in: an API 9 seconds, a grant 3 to 6, a service account 11. */
const SLOWLY: Readonly<Record<string, GoogleFault>> = {
  'POST .*/services.*nable': { delayMs: 1000, polls: 2 },
  'POST .*/repositories[?]': { delayMs: 1000, polls: 2 },
  'POST .*/workloadIdentityPools[?]': { delayMs: 1000, polls: 2 },
  'POST .*/providers[?]': { delayMs: 1000, polls: 2 },
  'POST .*/serviceAccounts': { delayMs: 5500 },
  'POST .*:setIamPolicy': { delayMs: 2000 },
  'POST .*/(?:roles|jobs)': { delayMs: 1000 },
  'PATCH .*': { delayMs: 1000, polls: 2 },
};

const SETTINGS = {
  readers: ['allUsers'],
  writers: [WRITER],
  refreshTrigger: TRIGGER,
  gitlabProject: '1/2',
  'gcp:pollInterval': '2s',
};

let fixture: PublishingFixture;
let checkout: TestCheckout;
let google: GoogleFaults;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  google = googleFaults(fixture);
  checkout = await fixture.checkout();
  await provideTrigger(fixture.emulator, TRIGGER);
  checkout.configure(SETTINGS);
  checkout.declare(['alpha'], fixture.base);
  checkout.commit();
});

afterAll(() => fixture.close());

it('brings everything up at a Google that takes seconds for each change, and leaves nothing to do', async () => {
  await google.fail(SLOWLY);
  await succeeded(checkout.pulumi(...up()));
  await expectPublished(fixture, checkout);
  await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
});

it('changes everything there, too', async () => {
  checkout.configure({
    ...SETTINGS,
    readers: ['group:more@example.com'],
    refreshSchedule: '0 4 * * *',
    gitlabProject: '1/3',
  });
  await succeeded(checkout.pulumi(...up()));
  await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
});

it('gives up what Google does not end in time, by name, and publishes all the same', async () => {
  await google.mend();
  await google.fail({
    'PATCH .*/workloadIdentityPools/[^/]*/providers/': { polls: 1000 },
  });
  checkout.configure({ ...SETTINGS, gitlabProject: '1/4', googleTimeoutSeconds: 5 });
  checkout.write('config/contexts/alpha/content', 'another\n');
  const { code, output } = await checkout.pulumi(...up());
  expect(code).not.toBe(0);
  const provider = 'gcp:iam:WorkloadIdentityPoolProvider (pipelines-gitlab)';
  expect(reportedOf(output, provider), output).toMatch(/timeout/i);
  expect(output).not.toContain('not published');
  await expectPublished(fixture, checkout);
});
