import pulumi from '@pulumi/pulumi';
import { InvalidInputError } from '../src/problem.ts';
import { repositoryGrants } from '../src/settings/pipeline-identity.ts';
import type { Settings } from '../src/settings/settings.ts';
import { declareApis } from './components/google-apis.ts';
import { limitGoogleChanges } from './components/google-timeouts.ts';
import { KeylessIdentity } from './components/keyless-identity.ts';
import { bindRepository } from './components/repository-grants.ts';
import { checkOwner } from './components/repository-owner.ts';
import { ScheduledRefresh } from './components/scheduled-refresh.ts';
import { withoutStackTrace } from './engine/errors.ts';
import { readSettings } from './settings.ts';

/**
 * Declares the stack that an owner of the Google project runs by hand, beside the one that pipelines run: who may
 * become the accounts of pipelines, what these may do, and the schedule with its secret. No account of a pipeline can
 * read its state or change what it declares. Output: `identity` for pipelines.
 */
export async function accessProgram(readSettingsOf = settingsOfStack) {
  const settings = withoutStackTrace(readSettingsOf);
  if (settings.destination.kind === 'managed') await checkOwner(settings);
  limitGoogleChanges(settings.googleTimeout);
  const apis = declareApis(settings);
  const keyless = declareAccess(settings, { apis: apis.settled, repository: apis.settled });
  const dependsOn = keyless?.settled ?? apis.settled;
  // No component is the parent: `pulumi state move` leaves the resources of a stack with all parts without one.
  bindRepository('images', { ...settings, grants: repositoryGrants(settings) }, { dependsOn });
  // The engine warns of an output that is undefined.
  return keyless === undefined ? {} : { identity: keyless.output };
}

function settingsOfStack(): Settings {
  const parsed = readSettings();
  if ('settings' in parsed) return parsed.settings;
  throw new InvalidInputError(parsed.problems);
}

interface AccessDependencies {
  readonly apis: pulumi.Output<pulumi.Resource[]>;
  /**
   * Where a new id would replace the protected repository, the update stops before the resources of the schedule,
   * some of which have that id in their names, are changed.
   */
  readonly repository: pulumi.Output<pulumi.Resource[]>;
}

/** Declares whom pipelines may become, and the schedule, where the settings have them. Returns the former. */
export function declareAccess(
  settings: Settings,
  { apis, repository }: AccessDependencies,
): KeylessIdentity | undefined {
  const { refresh, identity } = settings;
  const keyless =
    identity && new KeylessIdentity('pipelines', { ...settings, identity }, { dependsOn: apis });
  if (refresh) {
    new ScheduledRefresh('refresh', { ...settings, refresh }, { dependsOn: repository });
  }
  return keyless;
}
