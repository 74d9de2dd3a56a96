import type { Environment } from '../environment.ts';
import { plainUrl } from '../url.ts';

/** Where an image came from, recorded when it is first published. Empty strings where nothing is known. */
export interface Provenance {
  /** The commit, with `-dirty` behind it when the work tree held changes. */
  readonly revision: string;
  /** A link to the CI pipeline or run. */
  readonly pipeline: string;
  /** The repository that the build context comes from, as a URL. */
  readonly source: string;
}

/** The state of the checkout; each part is absent where git does not know it. */
export interface LocalCommit {
  readonly commit?: string;
  readonly dirty?: boolean;
  /** URL of the remote `origin`. */
  readonly origin?: string;
  /** Why git does not tell the commit of a repository that is there. */
  readonly warning?: string;
}

/**
 * The variables of GitLab, GitHub and Cloud Build where a pipeline set them; the commit is the checkout's all the
 * same, since a refresh may have committed after its pipeline began.
 * Sources: GitLab "Predefined CI/CD variables", GitHub "Variables reference", Cloud Build "Substituting variable values".
 */
export function provenance(
  environment: Environment,
  { commit, dirty, origin = '' }: LocalCommit,
  source?: string,
): Provenance {
  const ci = gitlab(environment) ?? github(environment) ?? cloudBuild(environment);
  const local = commit !== undefined && dirty === true ? `${commit}-dirty` : commit;
  return {
    revision: ci === undefined ? (local ?? '') : (commit ?? ci.revision ?? ''),
    pipeline: ci?.pipeline ?? '',
    source: source ?? ci?.source ?? publicUrl(origin),
  };
}

function gitlab({
  CI_COMMIT_SHA: revision = '',
  CI_PIPELINE_URL: pipeline = '',
  CI_PROJECT_URL: source = '',
}: Environment): Provenance | undefined {
  return revision === '' ? undefined : { revision, pipeline, source };
}

function github({
  GITHUB_SHA: revision = '',
  GITHUB_SERVER_URL: server,
  GITHUB_REPOSITORY: repository,
  GITHUB_RUN_ID: run,
}: Environment): Provenance | undefined {
  if (revision === '') return undefined;
  const source = server === undefined || repository === undefined ? '' : `${server}/${repository}`;
  const pipeline = source === '' || run === undefined ? '' : `${source}/actions/runs/${run}`;
  return { revision, pipeline, source };
}

/** A build has these as variables where its steps map them. Other systems have a BUILD_ID that is no UUID. */
function cloudBuild({
  BUILD_ID: build = '',
  PROJECT_ID: project = '',
  LOCATION: location = 'global',
}: Environment): Partial<Provenance> | undefined {
  if (project === '' || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(build))
    return undefined;
  const builds = `https://cloudbuild.googleapis.com/v1/projects/${project}/locations/${location}/builds`;
  return { pipeline: `${builds}/${build}` };
}

/**
 * A remote as a label may show it: without the token that a clone URL may carry. The path of a local
 * clone means nothing elsewhere, and is left out.
 */
function publicUrl(remote: string): string {
  if (/^(?:https?|ssh|git):\/\//i.test(remote)) return URL.canParse(remote) ? plainUrl(remote) : '';
  return /^[\w.-]+@[\w.-]+:/.test(remote) ? remote : '';
}
