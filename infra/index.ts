import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { localCommit } from '../src/git/local-commit.ts';
import { workingTree } from '../src/git/working-tree.ts';
import { planStack } from '../src/plan/plan-stack.ts';
import { InvalidInputError } from '../src/problem.ts';
import { provenance } from '../src/provenance/provenance.ts';
import { compilePolicies } from '../src/retention/compile-policies.ts';
import { NO_PROTECTION } from '../src/retention/protection.ts';
import { GoogleApis } from './google-apis.ts';
import { ImageRegistry } from './image-registry.ts';
import { PublishedImage } from './published-image.ts';
import { registryAccess } from './registry-access.ts';
import { requiredApis } from './required-apis.ts';
import { ScheduledRefresh } from './scheduled-refresh.ts';
import { readSettings } from './settings.ts';

/**
 * Everything that a stack deploys. Stack outputs: `images`, name → how to pull it, and `registry`, where
 * they are.
 */
export default async function program() {
  const { settings, images, retention, warnings } = withoutStackTrace(() =>
    planStack(workingTree(process.cwd()), readSettings()),
  );
  for (const warning of warnings) await pulumi.log.warn(warning);

  const apis = new GoogleApis('google-apis', { apis: requiredApis(settings) });
  const registry = new ImageRegistry(
    'images',
    {
      ...settings,
      cleanupPolicies: compilePolicies(retention, NO_PROTECTION),
      cleanupPolicyDryRun: retention.dryRun,
    },
    { dependsOn: apis.settled },
  );
  const { refresh } = settings;
  if (refresh)
    new ScheduledRefresh('refresh', { ...settings, refresh }, { dependsOn: apis.settled });

  const access = await registryAccess(settings.registry);
  const origin = provenance(process.env, localCommit(process.cwd()), settings.source);
  const published = images.map((image) => {
    const args = { image, access, destination: registry, provenance: origin };
    const { output } = new PublishedImage(image.name, args, { dependsOn: registry.settled });
    return [image.name, output] as const;
  });
  const registryPath = `${settings.registry}/${settings.repositoryPrefix}`;
  return { registry: registryPath, images: Object.fromEntries(published) };
}

/** A mistake in the input is the user's to mend: the engine prints it without our call stack. */
function withoutStackTrace<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new pulumi.RunError(`\n${error.message}`);
    throw error;
  }
}
