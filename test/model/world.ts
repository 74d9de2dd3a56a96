import { createHash } from 'node:crypto';
import type { Digest, Tag } from '../../src/image-reference.ts';
import type { RegistryPolicy } from '../../src/retention/evaluate-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { DAY, someRetention, tag } from '../retention/retention-fixture.ts';
import type { State } from './model-engine.ts';
import { modelRegistry, type ModelRegistry, type TagRemoval } from './model-registry.ts';

export const DAY_MS = 86_400_000;

/** A line of a branch that names an image: alone, by `:tag` or by `@digest`. */
export interface Use {
  readonly image: string;
  readonly version: string;
}

/** What is in a branch: the catalog by its inputs, and the lines of the consumers. */
export interface Branch {
  readonly commit: string;
  readonly committedAt: number;
  /** Image → a number that stands for its build inputs. */
  readonly catalog: Readonly<Record<string, number>>;
  readonly uses: readonly Use[];
}

export interface World {
  /** The true time. */
  now: number;
  readonly start: number;
  readonly registry: ModelRegistry;
  /** The clean-up policies that the registry has. */
  policies: readonly RegistryPolicy[];
  readonly branches: Map<string, Branch>;
  /** Every commit that a branch was at, for a force-push to it. */
  readonly commits: Branch[];
  retention: Retention;
  /** The commits that reviewed lines of the retention file accept. */
  accept: readonly string[];
  /** Whether runs sign what they publish. */
  signs: boolean;
  /** Why the last run was refused, if it was. */
  refusal: string | undefined;
  state: State;
  /** The states that runs have left, oldest first. */
  readonly backups: { readonly state: State; readonly at: number }[];
  /** Digest → a name for stories, such as `alpha 2`. */
  readonly names: Map<Digest, string>;
  builds: number;
  /** The number of the newest build inputs of any image. */
  newestInputs: number;
}

export function newWorld(removal: TagRemoval): World {
  const start = Date.parse('2026-01-01T00:00:00Z');
  const world: World = {
    now: start,
    start,
    registry: modelRegistry(removal, () => world.now),
    policies: [],
    branches: new Map(),
    commits: [],
    retention: someRetention({
      dryRun: false,
      window: 30 * DAY,
      untaggedAfter: 5 * DAY,
      gracePeriod: 20 * DAY,
      keepAliases: [tag('latest')],
    }),
    accept: [],
    signs: false,
    refusal: undefined,
    state: new Map(),
    backups: [],
    names: new Map(),
    builds: 0,
    newestInputs: 2,
  };
  const first = { catalog: { alpha: 1, beta: 2 }, uses: [{ image: 'alpha', version: '' }] };
  commit(world, 'main', first);
  commit(world, 'release-1.0', first);
  return world;
}

/** Puts a branch on a new commit. */
export function commit(
  world: World,
  branch: string,
  content: Pick<Branch, 'catalog' | 'uses'>,
): void {
  const made = {
    ...content,
    commit: hash(`commit ${world.commits.length}`).slice(0, 40),
    committedAt: world.now,
  };
  world.commits.push(made);
  world.branches.set(branch, made);
}

/** The immutable tag of an image with these build inputs. */
export function tagOf(image: string, inputs: number): string {
  return hash(`${image} ${inputs}`).slice(0, 32);
}

/** Of each image that is in a catalog; others have one. */
const PLATFORMS: Readonly<Record<string, readonly string[]>> = {
  beta: ['linux/amd64', 'linux/arm64'],
  gamma: ['linux/amd64', 'linux/arm64', 'linux/riscv64'],
};
/** An image and its attestation for each platform. */
export const MOST_MEMBERS = 6;

/** What the catalog says of the manifests of its images. */
export const OF_CATALOG = {
  ...{ mostMembers: MOST_MEMBERS, mostOfOne: 0 },
  ...{ most: 0, areLoose: false },
};

/** Platform → platform tag. Each change of the inputs of an image changes those of one platform. */
export function platformTags(image: string, inputs: number): Readonly<Record<string, Tag>> {
  const platforms = PLATFORMS[image] ?? ['linux/amd64'];
  const tags = platforms.map((platform, at) => {
    const own = inputs - ((inputs + at) % platforms.length);
    const of = platforms.length === 1 ? tagOf(image, own) : tagOf(`${image} ${platform}`, own);
    return [platform, `${of}-${platform.replaceAll('/', '-')}` as Tag];
  });
  return Object.fromEntries(tags) as Record<string, Tag>;
}

/** Pushes what a build makes of an image for one platform: never the same bytes twice. */
export function build(world: World, image: string, platform: string, tag: Tag): Digest {
  world.registry.write();
  const digest = world.registry.push(
    image,
    { [INPUTS_LABEL]: tag.slice(0, tag.indexOf('-')), build: String(world.builds + 1) },
    tag,
  );
  name(world, image, digest, platform.slice('linux/'.length));
  return digest;
}

/** Gives a new version its name. */
export function name(world: World, image: string, digest: Digest, suffix = ''): void {
  if (world.names.has(digest)) return;
  world.builds += 1;
  world.names.set(digest, [image, world.builds, suffix].join(' ').trim());
}

/** The branches that count: the default branch, and the two newest releases by their numbers. */
export function supported({ branches }: World): ReadonlyMap<string, Branch> {
  const releases = [...branches.keys()].filter((name) => name.startsWith('release-'));
  const newest = releases.sort((a, b) => releaseNumber(b) - releaseNumber(a)).slice(0, 2);
  return new Map([...branches].filter(([name]) => name === 'main' || newest.includes(name)));
}

export function isImmutable(tag: string): boolean {
  return /^[0-9a-f]{32}$/.test(tag);
}

export function releaseNumber(branch: string): number {
  return Number(branch.replace('release-1.', ''));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
