import { parseSettings } from '../../src/settings/parse-settings.ts';
import type { Settings } from '../../src/settings/settings.ts';

/** Values as the engine gives them: what Pulumi.yaml has as defaults, and what a stack has to say. */
export const VALUES = {
  'gcp:project': 'some-project',
  'gcp:region': 'europe-west4',
  repositoryId: 'images',
  location: '',
  registry: '',
  catalog: 'config/images.yml',
  retention: 'config/retention.yml',
  source: '',
  readers: '[]',
  writers: '[]',
  enableApis: 'true',
  gitlabProject: '',
  gitlabIssuer: 'https://gitlab.com/',
  githubRepository: '',
  githubBranch: 'main',
  buildTimeoutSeconds: '3600',
  verify: 'false',
  verifyTimeoutSeconds: '600',
  refreshTrigger: '',
  refreshPipeline: '',
  refreshPipelineRef: 'main',
  refreshPipelineToken: '',
  refreshSchedule: '0 3 * * *',
  refreshTimeZone: 'Etc/UTC',
  refreshRetries: '1',
  refreshDeadlineSeconds: '180',
  refreshPaused: 'false',
  refreshChanges: 'merge-request',
} as const;

export const TRIGGER = 'projects/some-project/locations/global/triggers/refresh';

export const PIPELINE = 'https://gitlab.example.com/api/v4/projects/42/trigger/pipeline';

/** The settings that follow from `VALUES` with `changed` ones. Throws when they are wrong. */
export function someSettings(changed: Readonly<Record<string, unknown>> = {}): Settings {
  const parsed = parseSettings({ ...VALUES, ...changed }, 'Pulumi.test.yaml');
  if ('settings' in parsed) return parsed.settings;
  throw new Error(parsed.problems.map(({ code, path }) => `${code} ${path}`).join());
}
