import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startBranchingProject, type BranchingProject } from '../support/branching-project.ts';
import { ALL_SETTINGS } from '../support/declared-registry.ts';
import { untag } from '../../src/registry/registry-client.ts';
import type { Digest } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';
import { previewedSteps } from '../support/engine-output.ts';
import { publishedVersions } from '../support/held-versions.ts';
import { DOCKERFILE, up } from '../support/test-checkout.ts';

/**
 * What the program of 2026-11-29 wrote for the stack of this test: pins, versions in their grace period,
 * verified images. `{...}` stands for what differs from run to run. Never write it anew to make a change
 * pass: stacks with such a state exist.
 */
const EARLIER = new URL('fixtures/earlier-state.json', import.meta.url);

const Resource = z.looseObject({ urn: z.string(), type: z.string() });
type Resource = z.infer<typeof Resource>;
const State = z.looseObject({ deployment: z.looseObject({ resources: z.array(Resource) }) });

/** Fields that say when, where in the code and after which others a resource was registered. */
const NOT_COMPARED = [
  'created',
  'modified',
  'sourcePosition',
  'stackTrace',
  'dependencies',
  'propertyDependencies',
];

/** Properties that are younger than the earlier state. */
const YOUNGER = [
  'branches',
  'accept',
  'keep',
  'attachments',
  'mostAttachments',
  'attachmentsOfOne',
  'looseAttachments',
  'mostMembers',
];

/** What differs from run to run, beside the versions, and its name. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '{uuid}'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{date}'],
  [/\b[0-9a-f]{64}\b/g, '{hash}'],
  [/\b[0-9a-f]{40}\b/g, '{commit}'],
  [/#[0-9a-f]{8}\b/g, '#{hash}'],
  [/\bprojects\/\d+\//g, 'projects/{number}/'],
  [/\b\d{21}\b/g, '{number}'],
  [/(?<=\{tag of \w+\})-linux-amd64/g, ''],
  // The label by which a repository belongs to one stack is younger.
  [/,"owner":"[^"]*"/g, ''],
  [/\bv1:[\w+/=]+:[\w+/=]+/g, '{ciphertext}'],
];

let project: BranchingProject;
let state: z.infer<typeof State>;
/** Index → the image in it. */
const memberOf = new Map<Digest, Digest>();
/** Versions and addresses of this run, by value. */
const names = new Map<string, string>();
const earlier = Resource.array().parse(JSON.parse(readFileSync(EARLIER, 'utf8')));

// alpha is published on the days 0, 10 and 20, beta on day 0 alone. release-1.0 needs alpha1 and beta1.
beforeAll(async () => {
  project = await startBranchingProject(['alpha', 'beta']);
  const { checkout, fixture } = project;
  // The stack had the last one, too, without effect.
  const gcp = { 'gcp:skipRegionValidation': 'true' };
  checkout.configure({ ...ALL_SETTINGS, gitlabProject: '7/42', verify: true, ...gcp });
  declareVerifiedImages();
  const branches = { default: 'main', releases: 'release-*', newest: 1 };
  const references = [{ catalog: 'config/images.yml' }];
  project.retain({
    dryRun: false,
    sources: [{ name: 'images', repository: '.', references, branches }],
  });
  for (const [number, days] of [
    [1, 0],
    [2, 10],
    [3, 10],
  ] as const) {
    await project.pass(days);
    checkout.write('config/contexts/alpha/content', `alpha, ${number}\n`);
    project.commit(number === 1 ? 'release-1.0' : undefined);
    await succeed(...up());
    const versions = await publishedVersions(project, { alpha: number, beta: 1 });
    for (const [name, { digest, tag }] of Object.entries(versions)) {
      const [image = ''] = name.split(/\d/);
      const member = known(await fixture.digest(image, `${tag}-linux-amd64`));
      memberOf.set(digest, member);
      names.set(digest, `{digest of ${name}}`).set(member, `{digest of ${name}}`);
      names.set(tag, `{tag of ${name}}`);
    }
  }
  await succeed(...up('--expect-no-changes'));
  names.set(fixture.gate.address, '{registry}').set(fixture.emulator, '{emulator}');
  state = State.parse(JSON.parse(await succeed('stack', 'export')));
});

afterAll(() => project.close());

it('is what the program writes today: the same resources with the same fields, and newer ones', () => {
  const written = state.deployment.resources.map((resource) => inGeneral(resource));
  const expected = earlier.map((resource) => countingMembers(compared(resource)));
  expect(written.sort(byUrn)).toMatchObject(expected);
});

it('previews without a change, but for the number that keep-newest counts to', async () => {
  await takeIndexesAway();
  const own = new Map(
    state.deployment.resources.map((resource) => [resource.urn, withoutIndexes(resource)]),
  );
  // In the order of the state: what a resource depends on stands before it.
  const resources = earlier
    .map((resource) => {
      const ours = own.get(resource.urn);
      return Resource.parse({ ...ours, ...(ofThisRun(resource, ours) as Resource) });
    })
    .sort((a, b) => position(a) - position(b));
  const file = join(project.checkout.root, 'earlier-state.json');
  project.checkout.write(
    'earlier-state.json',
    JSON.stringify({ ...state, deployment: { ...state.deployment, resources } }),
  );
  await succeed('stack', 'import', '--file', file);
  const policies = 'update gcp:artifactregistry/repository:Repository images';
  expect(await previewedSteps(project.checkout)).toEqual([policies]);
  await succeed(...up('--refresh', '--run-program'));
  await succeed('preview', '--expect-no-changes', '--refresh', '--run-program');
});

/** The program of that day published no index: the immutable tag named the image itself. */
async function takeIndexesAway(): Promise<void> {
  const { fixture } = project;
  const { client } = fixture;
  for (const path of ['alpha', 'beta'].map((name) => fixture.repository(name))) {
    const tags = (await client.listTags(path)) ?? [];
    const named = await Promise.all(tags.map((tag) => client.headManifest(path, tag)));
    for (const [at, tag] of tags.entries()) {
      const member = memberOf.get(known(named[at]).digest);
      if (member !== undefined) {
        await client.putManifest(path, tag, known(await client.getManifest(path, member)));
      }
      if (tag.endsWith('-linux-amd64')) await untag(client, path, tag);
    }
    for (const index of new Set(named.flatMap((each) => each?.digest ?? []))) {
      if (memberOf.has(index)) await client.deleteManifest(path, index);
    }
  }
}

function withoutIndexes(resource: Resource): Resource {
  let text = JSON.stringify(resource).replaceAll('-linux-amd64', '');
  text = text.replaceAll('"keepCount":3', '"keepCount":1');
  for (const [index, member] of memberOf) text = text.replaceAll(index, member);
  // The program lists digests in order.
  return Resource.parse(JSON.parse(text, sorted));
}

/** The registry counts an image and its attestation in each index, too: `keep-newest` counts three times as far today. */
function countingMembers(value: object): object {
  const text = JSON.stringify(value).replaceAll(
    /"keepCount":(\d+)/g,
    (_, count) => `"keepCount":${3 * Number(count)}`,
  );
  return z.looseObject({}).parse(JSON.parse(text));
}

function position({ urn }: Resource): number {
  return state.deployment.resources.findIndex((resource) => resource.urn === urn);
}

/** A resource with names in place of what differs from run to run. */
function inGeneral(resource: Resource): Resource {
  // What the gcp plug-in makes of its inputs is its own affair.
  const isForeign = /^(?:pulumi:providers:|gcp:)/.test(resource.type);
  const left = [...NOT_COMPARED, ...(isForeign ? ['outputs'] : [])];
  const compared = Object.entries(resource).filter(([field]) => !left.includes(field));
  let text = JSON.stringify(Object.fromEntries(compared), (key, value: unknown) =>
    YOUNGER.includes(key) ? undefined : value,
  );
  for (const [value, name] of names) text = text.replaceAll(value, name);
  for (const [pattern, name] of VARYING) text = text.replaceAll(pattern, name);
  return Resource.parse(JSON.parse(text, sorted));
}

function compared(resource: Resource, left: readonly string[] = []) {
  const fields = Object.entries(resource);
  return Object.fromEntries(
    fields.filter(([field]) => ![...NOT_COMPARED, ...left].includes(field)),
  );
}

/** Lists of texts are compared as sets: some are in the order of their digests. */
function sorted(_key: string, value: unknown): unknown {
  return isTexts(value) ? value.toSorted() : value;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A value of the earlier state, with what this run has in place of each name. */
function ofThisRun(value: unknown, own: unknown): unknown {
  if (typeof value === 'string') return value.includes('{') ? own : value;
  if (isTexts(value)) return value.some((text) => text.includes('{')) ? own : value;
  if (Array.isArray(value)) {
    return value.map((item, at) => ofThisRun(item, Array.isArray(own) ? own[at] : undefined));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = (own ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, ofThisRun(field, fields[key])]),
  );
}

function byUrn(a: Resource, b: Resource): number {
  return a.urn < b.urn ? -1 : 1;
}

/** Images that come up at once. */
function declareVerifiedImages(): void {
  const { checkout } = project;
  const catalog = readFileSync(join(checkout.root, 'config/images.yml'), 'utf8');
  checkout.write(
    'config/images.yml',
    catalog.replaceAll(/(?<=context: .*\n)/g, '    verify: ["true"]\n'),
  );
  for (const name of ['alpha', 'beta']) {
    checkout.write(`config/contexts/${name}/Dockerfile`, `${DOCKERFILE}CMD ["sleep", "600"]\n`);
  }
}

async function succeed(...args: string[]): Promise<string> {
  const { code, output, stdout } = await project.checkout.pulumi(...args);
  expect(code, output).toBe(0);
  return stdout;
}
