import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectPublished } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import type { RegistryFault } from '../support/registry-gate.ts';
import type { Run } from '../support/processes.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const refusal = (status: number, code: string, message: string): RegistryFault => ({
  status,
  body: JSON.stringify({ errors: [{ code, message }] }),
});
const BUSY: RegistryFault = { status: 429, headers: { 'retry-after': '1' }, body: '' };

const UPLOAD = /^POST .*\/blobs\/uploads\//;
const BLOB = /^PATCH .*\/blobs\/uploads\//;
const MANIFEST = /^PUT .*\/manifests\/[0-9a-f]{32}-linux-amd64$/;
const INDEX = /^PUT .*\/manifests\/[0-9a-f]{32}$/;
const ALIAS = /^PUT .*\/manifests\/latest$/;

/** Image → what its registry does to which of its requests, and how often. */
const FAULTS: Readonly<Record<string, { on: RegExp; fault: RegistryFault; times: number }>> = {
  // Docker Engine and the project's own client get over these by themselves.
  'blob-cut': { on: BLOB, fault: 'cut', times: 1 },
  'blob-error': { on: BLOB, fault: refusal(502, 'UNKNOWN', 'bad gateway'), times: 1 },
  'alias-busy': { on: ALIAS, fault: BUSY, times: 2 },
  'alias-error': { on: ALIAS, fault: refusal(500, 'UNKNOWN', 'out of order'), times: 1 },
  'alias-cut': { on: ALIAS, fault: 'cut', times: 1 },
  // These stay.
  'manifest-cut': { on: MANIFEST, fault: 'cut', times: Infinity },
  'read-only': {
    on: UPLOAD,
    fault: refusal(405, 'UNSUPPORTED', 'the registry is read-only'),
    times: Infinity,
  },
  'disk-full': {
    on: MANIFEST,
    fault: refusal(507, 'UNKNOWN', 'no space left on device'),
    times: Infinity,
  },
  'index-busy': { on: INDEX, fault: BUSY, times: 2 },
  'index-cut': { on: INDEX, fault: 'cut', times: 1 },
  'index-full': {
    on: INDEX,
    fault: refusal(507, 'UNKNOWN', 'no space left on device'),
    times: Infinity,
  },
  'alias-denied': { on: ALIAS, fault: refusal(403, 'DENIED', 'tags are frozen'), times: Infinity },
};
const OVERCOME = [
  'blob-cut',
  'blob-error',
  'alias-busy',
  'alias-error',
  'alias-cut',
  'index-busy',
  'index-cut',
  'fine',
];

let fixture: PublishingFixture;
let checkout: TestCheckout;
let run: Run;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare([...Object.keys(FAULTS), 'fine'], fixture.base);
  const met = new Map<string, number>();
  fixture.gate.meet((request) => {
    const name = /\/([^/]+)\/(?:blobs|manifests)\//.exec(request)?.[1] ?? '';
    const planned = FAULTS[name];
    const count = met.get(name) ?? 0;
    if (planned?.on.test(request) !== true || count >= planned.times) return undefined;
    met.set(name, count + 1);
    return planned.fault;
  });
  run = await checkout.pulumi(...up());
});

afterAll(() => fixture.close());

it('what comes and goes is overcome: its images are published all the same', async () => {
  for (const name of OVERCOME) {
    expect(run.output).not.toMatch(new RegExp(`error: .*\\b${name}\\b`));
  }
  await expectPublished(fixture, checkout, OVERCOME);
});

// How a registry's refusal of a push is worded is Docker's.
it.each([
  ['manifest-cut', /error: manifest-cut is not published/],
  ['read-only', /error: read-only is not published/],
  ['disk-full', /error: disk-full is not published/],
  ['index-full', /error: index-full is not published: its index/],
  ['alias-denied', /alias-denied[^]*tags are frozen/],
])('%s: fails the run by its name, and leaves no alias', async (name, reason) => {
  expect(run.code).not.toBe(0);
  expect(run.output).toMatch(reason);
  expect(run.output).not.toMatch(/unhandled/i);
  expect(await fixture.digest(name, 'latest')).toBeUndefined();
});

it('what failed is published by the next run, once the registry is well', async () => {
  fixture.gate.meet(() => undefined);
  const before = await fixture.digest('fine', 'latest');
  const { code, output } = await checkout.pulumi(...up());
  expect(output).not.toContain('error:');
  expect(code, output).toBe(0);
  await expectPublished(fixture, checkout);
  expect(await fixture.digest('fine', 'latest')).toBe(before);
});
