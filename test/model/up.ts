import { isDeepStrictEqual } from 'node:util';
import { branchAliasesType } from '../../infra/oci/branch-aliases-type.ts';
import {
  boolean,
  listOf,
  number,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
} from '../../infra/oci/protocol/read-property.ts';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import { digestOf, textOf } from '../../infra/oci/tagged-place.ts';
import { tagType } from '../../infra/oci/tag-type.ts';
import type { Properties, ResourceType } from '../../infra/oci/protocol/resource-type.ts';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { aliasPrefix, neededTags, withoutLatest } from '../../src/branches/needs.ts';
import { formatVersion } from '../../src/branches/references.ts';
import { messageOf } from '../../src/problem.ts';
import { withAttachments } from '../../src/retention/attachments.ts';
import { ordered } from '../../src/retention/keep-lists.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { LATEST, parseDigest, type Tag } from '../../src/image-reference.ts';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import type { RegistryPolicy } from '../../src/retention/evaluate-policies.ts';
import type { Attachment } from './attachment-truth.ts';
import { modelEngine } from './model-engine.ts';
import { PREFIX, REGISTRY, type Fault } from './model-registry.ts';
import { recordsOf, referencesOf } from './reading.ts';
import { modelAttest } from './attestations.ts';
import { modelSigning, SIGNER } from './signing.ts';
import { build, DAY_MS, MOST_MEMBERS, name, platformTags, tagOf, type World } from './world.ts';

export interface RunOptions {
  /** Reads the registry first, as the nightly pipeline does. */
  readonly refresh: boolean;
  /** By how many days the clock of the run is wrong. */
  readonly skew?: number;
  readonly fault?: Fault;
}

export interface RunResult {
  /** Why the run stopped before it changed anything that a branch needs. */
  readonly refused?: string;
  /** The failures of single resources. */
  readonly failures: readonly string[];
  readonly built: readonly string[];
  /** The signatures that the run has written. */
  readonly signed: readonly Attachment[];
}

/** Runs the program: references, needed versions, policies, images, aliases. */
export async function up(
  world: World,
  { refresh, skew = 0, fault }: RunOptions,
): Promise<RunResult> {
  const { registry } = world;
  const failures: string[] = [];
  const built: string[] = [];
  registry.breakBy(fault);
  world.backups.push({ state: new Map(world.state), at: world.now });
  const engine = modelEngine(world.state);
  const now = () => new Date(world.now + skew * DAY_MS);
  const { connect } = registry;
  const signed: Attachment[] = [];
  const signing = modelSigning(registry, signed);

  const random = () => String(world.builds).padStart(8, '0');
  const types = {
    referenced: referencedVersionsType({ connect, now }),
    publication: publicationType({ connect, signing, now, random }),
    latest: tagType(connect, signing, modelAttest),
    branches: branchAliasesType(connect),
  };

  function typeOf(name: string): ResourceType | undefined {
    if (name === 'images') return undefined;
    if (name === 'referenced-versions') return types.referenced;
    if (name.endsWith('-latest')) return types.latest;
    return name.endsWith('-branches') ? types.branches : types.publication;
  }

  /** A resource whose failure does not end the run. */
  async function attempt(name: string, type: ResourceType, inputs: Properties) {
    try {
      return await engine.register(name, type, inputs);
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError) throw error;
      failures.push(`${name}: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Builds the platforms that are not there; `undefined` where one fails. */
  function buildMissing(image: string, inputs: number, there: Readonly<Record<string, string>>) {
    try {
      return mapValues(platformTags(image, inputs), (tag, platform) => {
        return there[platform] ?? build(world, image, platform, tag as Tag);
      });
    } catch (error) {
      failures.push(`${image}: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** The alias of a publication, with the index that is to be published before. */
  function aliasOf(image: string, inputs: number, { outputs }: { readonly outputs: Properties }) {
    if (outputs['published'] !== false) return { digest: textOf(outputs, 'digest') };
    const there = readProperty(outputs, 'members', recordOf(text));
    const members = buildMissing(image, inputs, there);
    if (members === undefined) return { digest: '' };
    const tag = tagOf(image, inputs);
    const created = textOf(outputs, 'created');
    const annotations = { [INPUTS_LABEL]: tag, 'org.opencontainers.image.created': created };
    return { index: { tag, members, annotations }, follows: true };
  }

  try {
    const latest = new Map<string, string>();
    if (refresh) await engine.refresh(typeOf);
    const references = referencesOf(world);
    const needs = neededTags(references);
    const catalog = world.branches.get('main')?.catalog ?? {};
    const images = [...new Set([...Object.keys(catalog), ...Object.keys(needs)])].sort();
    const { accept, retention } = world;
    const { gracePeriod } = retention;
    const aliases = references.branches.map(({ alias }) => aliasPrefix(alias));
    const place = { registry: REGISTRY, repositoryPrefix: PREFIX };
    const tags = new Map(
      Object.entries(catalog).map(([image, inputs]) => [image, tagOf(image, inputs) as Tag]),
    );
    const { outputs } = await engine.register('referenced-versions', types.referenced, {
      ...place,
      gracePeriod,
      needs: withoutLatest(needs, tags),
      images,
      branches: recordsOf(world, references),
      accept,
      keep: keepOf(retention, aliases),
    });
    const digests = readProperty(outputs, 'digests', listOf(parsed(parseDigest)));
    const most = readOptional(outputs, 'mostAttachments', number) ?? 0;
    const areLoose = readOptional(outputs, 'looseAttachments', boolean) ?? false;
    const members = readOptional(outputs, 'mostMembers', number) ?? 0;
    const mostOfOne = readOptional(outputs, 'attachmentsOfOne', number) ?? 0;
    const mostMembers = Math.max(MOST_MEMBERS, members);
    const counted = withAttachments(retention, { most, areLoose, mostOfOne, mostMembers });
    setPolicies(world, engine, refresh, compilePolicies(counted, { aliases, digests }));

    for (const [image, inputs] of Object.entries(catalog)) {
      const tag = tagOf(image, inputs);
      const at = { registry: REGISTRY, repository: `${PREFIX}/${image}` };
      const provenance = { revision: '', pipeline: '', source: '' };
      const platforms = platformTags(image, inputs);
      const publication = await attempt(image, types.publication, {
        ...{ ...at, tag, platforms, inputs: { context: tag } },
        ...provenance,
      });
      const target = publication === undefined ? {} : aliasOf(image, inputs, publication);
      const alias = { ...at, tag: LATEST, ...target, ...(world.signs && { signers: [SIGNER] }) };
      const pointed = await attempt(`${image}-latest`, types.latest, alias);
      const published = parseDigest(textOf(pointed?.outputs ?? {}, 'published'));
      if (published !== undefined && 'index' in target) {
        name(world, image, published);
        built.push(world.names.get(published) ?? image);
      }
      const pointedAt = pointed && digestOf(pointed.outputs);
      if (pointedAt !== undefined) latest.set(image, pointedAt);
    }

    const pins = readProperty(outputs, 'pins', recordOf(recordOf(text)));
    for (const [image, versions] of Object.entries(needs)) {
      const aliases = mapValues(versions, (version, alias) => {
        if (version === '') return pins[image]?.[alias] ?? '';
        return version === LATEST ? (latest.get(image) ?? version) : version;
      });
      const at = { registry: REGISTRY, repository: `${PREFIX}/${image}` };
      await attempt(`${image}-branches`, types.branches, { ...at, aliases });
    }
    engine.end();
    return { failures, built, signed };
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    return { refused: messageOf(error), failures, built, signed };
  } finally {
    registry.breakBy(undefined);
  }
}

/** The engine compares with the state, which a refresh reads from the registry. */
function setPolicies(
  world: World,
  engine: ReturnType<typeof modelEngine>,
  isRefreshing: boolean,
  policies: readonly RegistryPolicy[],
): void {
  checkCleanupPolicies(inEmulator(policies));
  const sent = JSON.parse(JSON.stringify(policies)) as Properties[string];
  const live = isRefreshing ? world.policies : world.state.get('images')?.inputs['policies'];
  if (!isDeepStrictEqual(live, sent)) {
    world.registry.write();
    world.policies = policies;
  }
  engine.keep('images', { policies: sent ?? null });
}

/** Policies as the emulator of Google takes them, by its own schema. */
export function inEmulator(policies: readonly RegistryPolicy[]) {
  return Object.fromEntries(policies.map(({ id, ...policy }) => [id, CleanupPolicy.parse(policy)]));
}

/** The aliases, and the versions that the retention file allows. */
function keepOf({ keepAliases, allow }: Retention, aliases: readonly Tag[]): readonly string[] {
  const versions = allow.filter(({ tag, digest }) => tag !== undefined || digest !== undefined);
  return ordered([...keepAliases, ...aliases, ...versions.map(formatVersion)]);
}

function mapValues(
  record: Readonly<Record<string, string>>,
  valueOf: (value: string, key: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, valueOf(value, key)]),
  );
}
