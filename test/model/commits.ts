import { parseDigest } from '../../src/image-reference.ts';
import { parseAllowEntry } from '../../src/retention/retention.ts';
import { DAY } from '../retention/retention-fixture.ts';
import { dayOf, pick, runs, tell, type Event, type History } from './history.ts';
import { commit, isImmutable, releaseNumber, type Branch, type Use, type World } from './world.ts';

// What people commit. Numbers choose among what there is.

const IMAGES = ['alpha', 'beta', 'gamma', 'delta'];

export function changeInputs(a: number): Event {
  return (history) => {
    const { world } = history;
    const main = world.branches.get('main');
    const image = pick(Object.keys(main?.catalog ?? {}), a);
    if (main === undefined || image === undefined) return false;
    const inputs = (world.newestInputs += 1);
    commit(world, 'main', { ...main, catalog: { ...main.catalog, [image]: inputs } });
    return runs(history, `${image} changes in the catalog; the merge's run`, { refresh: false });
  };
}

export function changeCatalog(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    const main = world.branches.get('main');
    const image = pick(IMAGES, a) ?? '';
    if (main === undefined) return false;
    const { [image]: inputs, ...others } = main.catalog;
    const change = (catalog: Branch['catalog'], line: string) => {
      commit(world, 'main', { ...main, catalog });
      return tell(history, line);
    };
    if (inputs === undefined) {
      const added = (world.newestInputs += 1);
      return change({ ...others, [image]: added }, `${image} joins the catalog`);
    }
    const other = pick(IMAGES, b) ?? '';
    if (!(other in main.catalog)) {
      return change({ ...others, [other]: inputs }, `the catalog calls ${image} ${other}`);
    }
    if (Object.keys(others).length === 0) return false;
    return change(others, `${image} leaves the catalog`);
  };
}

/** A new release, or one that there was before, from what main is now. */
export function cutBranch(a: number): Event {
  return (history) => {
    const { world } = history;
    const main = world.branches.get('main');
    const next = nextRelease(world);
    const name = `release-1.${a % 3 === 0 ? Math.max(0, next - 2) : next}`;
    if (main === undefined || world.branches.has(name)) return false;
    commit(world, name, main);
    return tell(history, `${name} is created from main`);
  };
}

export function deleteBranch(a: number): Event {
  return (history) => {
    const { branches } = history.world;
    const name = pick(releases(history.world), a);
    if (name === undefined || releases(history.world).length < 2) return false;
    branches.delete(name);
    return tell(history, `${name} is deleted`);
  };
}

export function renameBranch(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    const name = pick(releases(world), a) ?? '';
    const branch = world.branches.get(name);
    if (branch === undefined || releases(world).length < 2) return false;
    const other = b % 2 === 0 ? `release-1.${nextRelease(world)}` : `old-${name}`;
    world.branches.delete(name);
    world.branches.set(other, branch);
    return tell(history, `${name} is renamed to ${other}`);
  };
}

export function forcePush(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    const name = pick(releases(world), a);
    const earlier = pick(world.commits, b);
    if (name === undefined || earlier === undefined) return false;
    world.branches.set(name, earlier);
    const day = dayOf(world, earlier.committedAt);
    return tell(history, `${name} is force-pushed to the commit ${earlier.commit} of day ${day}`);
  };
}

/** One more use of an image, or one in place of the others. */
export function addUse(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    const name = pick(world.branches.keys(), a) ?? '';
    const branch = world.branches.get(name);
    const use = someUse(world, b);
    if (branch === undefined || use === undefined) return false;
    const isMore = a % 4 === 0;
    const others = branch.uses.filter(({ image }) => isMore || image !== use.image);
    if (branch.uses.some((each) => each.image + each.version === use.image + use.version)) {
      return false;
    }
    commit(world, name, { ...branch, uses: [...others, use] });
    const instead = others.length < branch.uses.length ? ', and no other' : '';
    return tell(history, `${name} names ${wordsFor(history, use)}${instead}`);
  };
}

/** An image alone, or one of its versions by its immutable tag or by its digest. */
function someUse({ registry }: World, number: number): Use | undefined {
  const image = pick(IMAGES, number) ?? '';
  if (number % 3 === 0) return { image, version: '' };
  const versions = registry.versions().filter(({ packageName }) => packageName === image);
  const version = pick(versions, number);
  if (version === undefined) return undefined;
  const tag = version.tags.find(isImmutable);
  return {
    image,
    version: tag === undefined || number % 5 === 0 ? `@${version.digest}` : `:${tag}`,
  };
}

function wordsFor({ world, truth }: History, { image, version }: Use): string {
  const digest = parseDigest(version.slice(1));
  if (version === '') return `${image} alone`;
  if (digest !== undefined) return `${truth.name(digest)} by digest`;
  return `${truth.name(world.registry.named(image, version.slice(1)))} by tag`;
}

export function removeUse(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    const name = pick(world.branches.keys(), a) ?? '';
    const branch = world.branches.get(name);
    const use = pick(branch?.uses ?? [], b);
    if (branch === undefined || use === undefined || branch.uses.length < 2) return false;
    commit(world, name, { ...branch, uses: branch.uses.filter((each) => each !== use) });
    return tell(history, `${name} no longer names ${wordsFor(history, use)}`);
  };
}

export function changeTimes(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    if (a % 3 === 2) {
      world.retention = { ...world.retention, keepNewest: 1 + (b % 3) };
      return tell(history, `keepNewest becomes ${world.retention.keepNewest}`);
    }
    const key = a % 3 === 0 ? 'gracePeriod' : 'window';
    const days = 10 + (b % 3) * 10;
    world.retention = { ...world.retention, [key]: days * DAY };
    return tell(history, `${key} becomes ${days} days`);
  };
}

export function changeAllow(a: number, b: number): Event {
  return (history) => {
    const { world } = history;
    const { allow } = world.retention;
    const version = pick(world.registry.versions(), a);
    if (b % 4 === 0 && allow.length > 0) {
      world.retention = { ...world.retention, allow: [] };
      return tell(history, 'nothing is allowed any more');
    }
    if (version === undefined) return false;
    const { packageName, digest, tags } = version;
    const kinds = [
      packageName,
      `${packageName}@${digest}`,
      `${packageName}:${tags[0] ?? 'latest'}`,
    ];
    const entry = parseAllowEntry(pick(kinds, b) ?? packageName);
    if (entry === undefined) return false;
    world.retention = { ...world.retention, allow: [...allow, entry] };
    return tell(history, `${history.truth.name(digest)} is allowed`);
  };
}

/** Acknowledges what the last run was refused for. */
export function accept(): Event {
  return (history) => {
    const { world } = history;
    const found = [...(world.refusal ?? '').matchAll(/accept: \["?(\w+)/g)];
    const commits = found.map(([, digits = '']) => digits);
    if (commits.length === 0) return false;
    world.accept = [...world.accept, ...commits];
    world.refusal = undefined;
    return tell(history, `a reviewed line accepts ${commits.join(' and ')}`);
  };
}

function releases({ branches }: World): readonly string[] {
  return [...branches.keys()].filter((name) => name.startsWith('release-'));
}

function nextRelease(world: World): number {
  return Math.max(-1, ...releases(world).map(releaseNumber)) + 1;
}
