import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { findReferences } from '../src/branches/find-references.ts';
import type { FoundReferences, References } from '../src/branches/references.ts';
import { neededTags, type NeededTags } from '../src/branches/needs.ts';
import { localCommit } from '../src/git/checkout-state.ts';
import { sourceOpener } from '../src/git/open-source.ts';
import { treeDifferences, treeWarnings } from '../src/git/tree-differences.ts';
import { workingTree } from '../src/git/working-tree.ts';
import { leaveOut, redirectProblems, WITHOUT_BUILDERS } from '../src/plan/builders.ts';
import { planStack, sourceTagOf, type StackPlan } from '../src/plan/plan-stack.ts';
import { findImage, publishedOnly } from '../src/plan/publish-only.ts';
import { provenance } from '../src/plan/provenance.ts';
import { InvalidInputError } from '../src/problem.ts';
import { repositoryGrants } from '../src/settings/pipeline-identity.ts';
import { declareAccess } from './access.ts';
import {
  ArtifactRepository,
  placeOfOthers,
  type DeclaredPlace,
} from './components/artifact-repository.ts';
import { buildTimeouts } from './components/build-timeouts.ts';
import { announceDisks, stackDisks } from './components/disk-contexts.ts';
import { anyEngine, declareBuilders } from './components/builders.ts';
import { dockerDaemon } from './components/docker-daemon.ts';
import { declareApis } from './components/google-apis.ts';
import { limitGoogleChanges } from './components/google-timeouts.ts';
import { declareMirrors } from './components/mirrors.ts';
import { PublishedImage } from './components/published-image.ts';
import { prepareSigning } from './components/signing.ts';
import { registryAccess, type RegistryOpening } from './components/registry-access.ts';
import { checkOwner, expectNoRepository } from './components/repository-owner.ts';
import type { KeylessIdentity } from './components/keyless-identity.ts';
import type { OciProvider, ReferencedVersions } from './oci/resources.ts';
import { branchPolicies, SupportedBranches } from './components/supported-branches.ts';
import { withoutStackTrace } from './engine/errors.ts';
import { outputsBefore } from './engine/run-before.ts';
import { readSettings } from './settings.ts';

/** What a stack declares, and what the supported branches need of it. */
type ProgramPlan = StackPlan & {
  readonly references: References & Pick<FoundReferences, 'pinLines'>;
};

interface ProgramOptions {
  readonly plan?: () => ProgramPlan;
  readonly opening?: RegistryOpening | undefined;
  /** Asks the publishers of the disks for their sizes. */
  readonly announce?: typeof announceDisks;
}

/**
 * Declares all resources of a stack. Outputs: `images` by name, `registry`, and `identity` for pipelines. In a run that
 * publishes one image, declares that with its aliases; the outputs are those of before, with the image's own.
 */
export async function program({
  plan = planOfCheckout,
  opening,
  announce = announceDisks,
}: ProgramOptions = {}) {
  const planned = withoutStackTrace(plan);
  const { settings, warnings } = planned;
  const only = withoutStackTrace(() => publishedOnly(process.env)) ?? '';
  const images = only === '' ? planned.images : [withoutStackTrace(() => findImage(planned, only))];
  const without = withoutStackTrace(() => buildersToLeaveOut(settings));
  for (const warning of warnings) await pulumi.log.warn(warning);
  // git runs while the plug-ins start.
  const accessing = registryAccess(settings, opening);
  const commit = localCommit(process.cwd());
  const origin = provenance(process.env, commit, settings.source);
  const isOwner = settings.destination.kind === 'managed';
  const [oci, builders] = await Promise.all([
    accessing,
    without === undefined
      ? anyEngine(dockerDaemon())
      : declareBuilders(settings.builders, { without }),
    isOwner ? checkOwner(settings) : expectNoRepository(),
    commit.warning === undefined ? undefined : pulumi.log.warn(commit.warning),
  ]);

  await prepareSigning(oci, planned, process.cwd());
  limitGoogleChanges(settings.googleTimeout);
  const surroundings = only === '' ? await declareSurroundings(planned, oci) : noSurroundings();
  const { place, pins, keyless } = surroundings;
  const ofRegistry = { providers: { oci }, dependsOn: place.settled };
  const shared = {
    destination: place,
    provenance: origin,
    openDisk: stackDisks(process.cwd(), pulumi.getStack()),
    buildTimeouts: buildTimeouts({ seconds: settings.buildTimeout }),
    builders,
    verifyTimeout: settings.verifyTimeout,
    signedBy: settings.signing === undefined ? undefined : settings.signers,
    adoptedFrom: settings.adopt === 'signed' ? settings.signers : undefined,
  };
  const published = images.map((image) => {
    const sourceTag = sourceTagOf(image, planned.references.branches);
    const component = new PublishedImage(image.name, { image, sourceTag, ...shared }, ofRegistry);
    return [image.name, component] as const;
  });
  pulumi
    .all(published.map(([, { disksToBuild }]) => disksToBuild))
    .apply((disks) => announce(disks.flat(), builders));
  const branches = new SupportedBranches(
    'supported-branches',
    { ...settings, needs: needsOf(planned, only), pins, published: new Map(published) },
    ofRegistry,
  );
  const copied = { ...settings, published: new Map(published), branches: branches.digests };
  declareMirrors(copied, { provider: oci });
  const before = only === '' ? undefined : await outputsBefore();
  const own = Object.fromEntries(published.map(([name, { output }]) => [name, output]));
  const outputs = {
    ...before,
    registry: `${settings.registry}/${settings.repositoryPrefix}`,
    images: { ...before?.images, ...own },
  };
  // The engine warns of an output that is undefined.
  return keyless === undefined ? outputs : { ...outputs, identity: keyless.output };
}

interface Surroundings {
  readonly place: DeclaredPlace;
  readonly pins: ReferencedVersions['pins'];
  readonly keyless: KeylessIdentity | undefined;
}

/** Declares what a stack has beside its images: the repository, who may use it, and the memory of what branches need. */
async function declareSurroundings(
  { settings, images, retention, references }: ProgramPlan,
  oci: OciProvider,
): Promise<Surroundings> {
  // The rest of it is in another stack, which an owner runs.
  const isDaily = settings.part === 'daily';
  const apis = isDaily ? undefined : declareApis(settings);
  const { cleanupPolicies, pins } = await branchPolicies(
    { settings, retention, references, images },
    { provider: oci },
  );
  const place =
    settings.destination.kind === 'managed'
      ? new ArtifactRepository(
          'images',
          {
            ...settings,
            cleanupPolicies,
            cleanupPolicyDryRun: retention.dryRun,
            grants: isDaily ? [] : repositoryGrants(settings),
          },
          { dependsOn: apis?.settled },
        )
      : placeOfOthers();
  const keyless =
    apis && declareAccess(settings, { apis: apis.settled, repository: place.settled });
  return { place, pins, keyless };
}

/** A run that publishes one image declares no surroundings. State or registry have the pin of each alias. */
function noSurroundings(): Surroundings {
  const pins = pulumi.output<Record<string, Record<string, string>>>({});
  return { place: placeOfOthers(), pins, keyless: undefined };
}

/** What branches need, of all images or of one. */
function needsOf({ references }: ProgramPlan, only: string): NeededTags {
  const needs = neededTags(references);
  if (only === '') return needs;
  const own = needs[only];
  return own === undefined ? {} : { [only]: own };
}

/** The names of builders that the run does without; `undefined` where the stack has no builders. */
function buildersToLeaveOut({ builders }: StackPlan['settings']) {
  if (builders.length === 0) return undefined;
  const problems = redirectProblems(builders, process.env);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return leaveOut(process.env[WITHOUT_BUILDERS], builders);
}

function planOfCheckout(): ProgramPlan {
  const checkout = process.cwd();
  const stack = planStack(workingTree(checkout), readSettings());
  const differences = treeDifferences(checkout, stack);
  // An update publishes only what a commit has; a preview only warns.
  if (differences.length > 0 && !pulumi.runtime.isDryRun())
    throw new InvalidInputError(differences);
  const open = sourceOpener({ checkout });
  const references = findReferences(stack.retention, stack.settings.retentionFile, open);
  const warnings = [...stack.warnings, ...treeWarnings(differences), ...references.warnings];
  return { ...stack, references, warnings };
}
