import type { Environment } from '../environment.ts';

/** Where an image came from, recorded when it is first published. Empty strings where nothing is known. */
export interface Provenance {
  /** The commit, with `-dirty` behind it when the work tree held changes. */
  readonly revision: string;
  /** A link to the CI pipeline or run. */
  readonly pipeline: string;
  /** The repository that the build context comes from, as a URL. */
  readonly source: string;
}

/** What git says of the checkout; each absent when there is no such thing. */
export interface LocalCommit {
  readonly commit?: string;
  readonly dirty?: boolean;
  /** URL of the remote `origin`. */
  readonly origin?: string;
}

/**
 * GitLab's and GitHub's own variables where a pipeline set them; the commit is the checkout's all the
 * same, since a refresh may have committed after its pipeline began.
 * Sources: GitLab "Predefined CI/CD variables", GitHub "Variables reference".
 */
export function provenance(
  environment: Environment,
  local: LocalCommit,
  source?: string,
): Provenance {
  const ci = gitlab(environment) ?? github(environment);
  return {
    revision: ci === undefined ? localRevision(local) : (local.commit ?? ci.revision),
    pipeline: ci?.pipeline ?? '',
    source: source ?? ci?.source ?? publicUrl(local.origin ?? ''),
  };
}

function gitlab(environment: Environment): Provenance | undefined {
  const {
    CI_COMMIT_SHA: revision,
    CI_PIPELINE_URL: pipeline,
    CI_PROJECT_URL: source,
  } = environment;
  if (revision === undefined || revision === '') return undefined;
  return { revision, pipeline: pipeline ?? '', source: source ?? '' };
}

function github(environment: Environment): Provenance | undefined {
  const {
    GITHUB_SHA: revision,
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
  } = environment;
  if (revision === undefined || revision === '') return undefined;
  const source = server === undefined || repository === undefined ? '' : `${server}/${repository}`;
  const run = environment['GITHUB_RUN_ID'];
  const pipeline = source === '' || run === undefined ? '' : `${source}/actions/runs/${run}`;
  return { revision, pipeline, source };
}

function localRevision({ commit, dirty }: LocalCommit): string {
  if (commit === undefined) return '';
  return dirty === true ? `${commit}-dirty` : commit;
}

/**
 * A remote as a label may show it: without the token that a clone URL may carry. The path of a local
 * clone means nothing elsewhere, and is left out.
 */
function publicUrl(remote: string): string {
  if (/^(?:https?|ssh|git):\/\//i.test(remote)) return remote.replace(/\/\/[^/@]*@/, '//');
  return /^[\w.-]+@[\w.-]+:/.test(remote) ? remote : '';
}
