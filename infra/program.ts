import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { localCommit } from '../src/git/checkout-state.ts';
import { provenance } from '../src/plan/provenance.ts';
import { versionNeeds } from '../src/branches/needs.ts';
import { BuildLimit } from './components/build-limit.ts';
import { GoogleApis, requiredApis } from './components/google-apis.ts';
import { ImageRegistry } from './components/image-registry.ts';
import { KeylessIdentity } from './components/keyless-identity.ts';
import { protectedVersions } from './components/protected-versions.ts';
import { PublishedImage } from './components/published-image.ts';
import { registryAccess, type RegistryOpening } from './components/registry-access.ts';
import { ScheduledRefresh } from './components/scheduled-refresh.ts';
import { stackDisks } from './components/disk-contexts.ts';
import { SupportedBranches } from './components/supported-branches.ts';
import { withoutStackTrace } from './engine/errors.ts';
import { cacheFolder } from '../src/git/cache-folder.ts';
import { sourceOpener } from '../src/git/open-source.ts';
import { workingTree } from '../src/git/working-tree.ts';
import { planStack, type StackPlan } from '../src/plan/plan-stack.ts';
import { findReferences } from '../src/branches/find-references.ts';
import type { References } from '../src/branches/references.ts';
import { readSettings } from './settings.ts';

interface ProgramOptions {
  /** What is to be deployed; the checkout says it unless a test does. */
  readonly plan?: () => ProgramPlan;
  /** Absent where it is not open yet. */
  readonly opening?: RegistryOpening | undefined;
}

/**
 * Everything that a stack deploys. Stack outputs: `images`, name → how to pull it; `registry`, where
 * they are; and `identity`, what pipelines are told to log in.
 */
export async function program({ plan = planOfCheckout, opening }: ProgramOptions = {}) {
  const { settings, images, retention, warnings, references } = withoutStackTrace(plan);
  for (const warning of warnings) await pulumi.log.warn(warning);
  const needs = versionNeeds(references);
  // What git says is asked for while the plug-ins start.
  const accessing = registryAccess(settings.registry, opening);
  const origin = provenance(process.env, localCommit(process.cwd()), settings.source);
  const access = await accessing;

  const apis = new GoogleApis('google-apis', { apis: requiredApis(settings) });
  const { cleanupPolicies, pins } = await protectedVersions({
    ...{ settings, retention, references, needs, images, access },
  });
  const registry = new ImageRegistry(
    'images',
    { ...settings, cleanupPolicies, cleanupPolicyDryRun: retention.dryRun },
    { dependsOn: apis.settled },
  );
  const { refresh, identity } = settings;
  const keyless =
    identity &&
    new KeylessIdentity('pipelines', { ...settings, identity }, { dependsOn: apis.settled });
  if (refresh) {
    // After the registry: one that may not be replaced stops the update before its schedule is half renamed.
    new ScheduledRefresh('refresh', { ...settings, refresh }, { dependsOn: registry.settled });
  }

  const openDisk = stackDisks(process.cwd(), pulumi.getStack());
  const buildLimit = new BuildLimit({ seconds: settings.buildTimeout });
  const published = images.map((image) => {
    const args = {
      ...{ image, access, destination: registry, provenance: origin },
      ...{ openDisk, buildLimit },
      verifyTimeout: settings.verifyTimeout,
    };
    const published = new PublishedImage(image.name, args, { dependsOn: registry.settled });
    return [image.name, published] as const;
  });
  new SupportedBranches(
    'supported-branches',
    { ...settings, needs, access, pins, published: byName(published, ({ settled }) => settled) },
    { dependsOn: registry.settled },
  );
  return {
    registry: `${settings.registry}/${settings.repositoryPrefix}`,
    images: Object.fromEntries(byName(published, ({ output }) => output)),
    ...(keyless && { identity: keyless.output }),
  };
}

function byName<Item, Result>(
  named: readonly (readonly [string, Item])[],
  take: (item: Item) => Result,
): ReadonlyMap<string, Result> {
  return new Map(named.map(([name, item]) => [name, take(item)]));
}

/** What a stack is to be, and what the supported branches need of it. */
interface ProgramPlan extends StackPlan {
  readonly references: References;
}

/** What is to be deployed, from the checkout and the branches that use the images. */
function planOfCheckout(): ProgramPlan {
  const checkout = process.cwd();
  const stack = planStack(workingTree(checkout), readSettings());
  const open = sourceOpener({ checkout, cache: cacheFolder(process.env) });
  return { ...stack, references: findReferences(stack.retention, stack.settings.retention, open) };
}
