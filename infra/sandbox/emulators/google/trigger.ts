import { z } from 'zod';
import { invalidArgument } from './api-error.ts';

const Texts = z.array(z.string()).optional();
const Message = z.looseObject({}).optional();

/**
 * google.devtools.cloudbuild.v1.BuildTrigger. What says how to build is kept as it came: the
 * emulator builds nothing.
 */
export const Trigger = z.strictObject({
  id: z.string().optional(),
  resourceName: z.string().optional(),
  createTime: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  tags: Texts,
  disabled: z.boolean().optional(),
  substitutions: z.record(z.string(), z.string()).optional(),
  ignoredFiles: Texts,
  includedFiles: Texts,
  filter: z.string().optional(),
  filename: z.string().optional(),
  autodetect: z.boolean().optional(),
  serviceAccount: z.string().optional(),
  eventType: z.string().optional(),
  includeBuildLogs: z.string().optional(),
  build: Message,
  triggerTemplate: Message,
  github: Message,
  gitlabEnterpriseEventsConfig: Message,
  bitbucketServerTriggerConfig: Message,
  developerConnectEventConfig: Message,
  repositoryEventConfig: Message,
  pubsubConfig: Message,
  webhookConfig: Message,
  approvalConfig: Message,
  sourceToBuild: Message,
  gitFileSource: Message,
});
export type Trigger = z.infer<typeof Trigger>;

/** google.devtools.cloudbuild.v1.RepoSource: what to build instead of what the trigger says. */
export const RepoSource = z.strictObject({
  projectId: z.string().optional(),
  repoName: z.string().optional(),
  branchName: z.string().optional(),
  tagName: z.string().optional(),
  commitSha: z.string().optional(),
  dir: z.string().optional(),
  invertRegex: z.boolean().optional(),
  substitutions: z.record(z.string(), z.string()).optional(),
});

/** google.devtools.cloudbuild.v1.RunBuildTriggerRequest. */
export const RunRequest = z.strictObject({
  projectId: z.string().optional(),
  triggerId: z.string().optional(),
  source: RepoSource.optional(),
});

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/;
const REVISIONS = ['branchName', 'tagName', 'commitSha'] as const;

/** Refuses a name that Cloud Build would not take. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw invalidArgument(
    `invalid trigger name "${name}": 1 to 64 letters, digits and hyphens, no hyphen at either end`,
  );
}

/** Refuses a source of several revisions. */
export function checkSource(source: z.infer<typeof RepoSource> = {}): void {
  const [, second] = REVISIONS.filter((revision) => source[revision] !== undefined);
  if (second === undefined) return;
  throw invalidArgument(
    `Invalid value at 'source' (oneof), oneof field 'revision' is already set. Cannot set '${second}'`,
  );
}
