import { expect, test } from 'vitest';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import { memoryRegistry } from './memory-registry.ts';
import { callsOf } from './resource-calls.ts';

const NOON = new Date('2026-11-24T12:00:00.000Z');
const EARLIER = {
  registry: '127.0.0.1:5000',
  repositoryPrefix: 'p/images',
  gracePeriod: 30 * 86_400,
  needs: {},
  images: [],
};
const RELEASE = {
  alias: 'ci-release-1',
  commit: 'a'.repeat(40),
  committedAt: '2026-11-20T12:00:00Z',
  found: { 'a.yml by key': ['alpha', 'beta'] },
};
const LATER = { ...RELEASE, commit: 'b'.repeat(40), committedAt: '2026-11-21T12:00:00Z' };
const ALPHA = { ...LATER, found: { 'a.yml by key': ['alpha'] } };

const resource = () => {
  return callsOf(referencedVersionsType({ connect: memoryRegistry().connect, now: () => NOON }));
};

const having = (branches: Properties, accept: readonly string[] = []): Properties => {
  return { ...EARLIER, branches, accept };
};
const OLD = having({ 'ci release-1': RELEASE });

test.each<[string, Properties | undefined, Properties, number]>([
  ['stops before a branch needs much less', OLD, having({ 'ci release-1': ALPHA }), 1],
  [
    'goes on where a line accepts that',
    OLD,
    having({ 'ci release-1': ALPHA }, [RELEASE.commit.slice(0, 12)]),
    0,
  ],
  ['compares nothing without a run before', undefined, having({ 'ci release-1': ALPHA }), 0],
  ['compares nothing with a state without records', EARLIER, having({ 'ci release-1': ALPHA }), 0],
])('a run %s', async (_, olds, news, count) => {
  expect(await resource().failures(news, olds)).toHaveLength(count);
  expect(await resource().check(news, olds)).toEqual(news);
});

const pinned = (pinLines: Properties): Properties => ({ ...OLD, pinLines });
const PIN = 'ci release-2 alpha';
const REASON = 'config/retention.yml:7:9: there is no branch "release-2" to pin; delete the line';

test.each<[string, Properties | undefined, Properties, readonly string[]]>([
  ['a new one', pinned({}), pinned({ [PIN]: REASON }), [`UNKNOWN_PIN  ${REASON}`]],
  ['one of a first run', undefined, pinned({ [PIN]: REASON }), [`UNKNOWN_PIN  ${REASON}`]],
  ['one of a state without pins', OLD, pinned({ [PIN]: REASON }), [`UNKNOWN_PIN  ${REASON}`]],
  ['one that pinned before', pinned({ [PIN]: '' }), pinned({ [PIN]: REASON }), []],
  ['one that did not, either', pinned({ [PIN]: REASON }), pinned({ [PIN]: REASON }), []],
  ['a new one in order', pinned({}), pinned({ [PIN]: '' }), []],
])(
  'a pin that pins nothing stops a run if it is misspelled: %s',
  async (_, olds, news, reasons) => {
    expect(await resource().failures(news, olds)).toEqual(reasons);
  },
);

test.each<[string, Properties, Properties, readonly string[]]>([
  ['a commit that moves', OLD, having({ 'ci release-1': LATER }), []],
  ['images that are found', OLD, having({ 'ci release-1': ALPHA }), []],
  ['a line that accepts', OLD, having({ 'ci release-1': RELEASE }, ['abcdefabcdef']), []],
  ['a state without records', EARLIER, OLD, []],
  ['a pin that pins nothing', pinned({ [PIN]: '' }), pinned({ [PIN]: REASON }), []],
  ['a branch that leaves', OLD, having({}), ['branches']],
  ['a branch that enters', having({}), OLD, ['branches']],
  ['the name of a source', OLD, having({ 'renamed release-1': RELEASE }), []],
])('the change of %s', async (_, olds, news, changed) => {
  const { outputs } = await resource().create(olds);
  expect((await resource().diff(olds, news, outputs)).changed).toEqual(changed);
});

test('branches that enter and leave are news of the update, also of one that is previewed', async () => {
  const calls = resource();
  const { outputs } = await calls.create(OLD);
  await calls.update(
    outputs,
    having({ 'ci release-2': { ...LATER, alias: 'ci-release-2' } }),
    true,
    OLD,
  );
  expect(calls.logged).toEqual([
    'info: ci release-2 is supported from now on',
    'info: ci release-1 leaves: its tags and versions stay until 2026-12-24 at least',
  ]);
});
