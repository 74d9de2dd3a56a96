import process from 'node:process';
import { formatTable } from './format-table.ts';
import { stackOption } from './options.ts';
import { planCheckout } from './read-stack.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import type { Source } from '../branches/source.ts';
import type { Check } from '../doctor/check.ts';
import { GITHUB_BY_HAND, githubChecks, readingGithub } from '../doctor/github-checks.ts';
import { GITLAB_BY_HAND, gitlabChecks, readingGitlab } from '../doctor/gitlab-checks.ts';
import { inputError } from '../problem.ts';
import type { IdentitySettings } from '../settings/settings.ts';

/** `images doctor`: checks the settings of the code host that the safety of a stack rests on. */
export const doctorCommand = subcommand({
  name: 'doctor',
  description: "Check the code host's settings that the safety of the stack rests on",
  options: { stack: stackOption },
  run: async ({ root, out }, { stack }) => {
    const { settings, retention } = planCheckout(root, stack);
    const { identity } = settings;
    if (identity === undefined) {
      const problem = `the stack ${stack} trusts the pipelines of no host`;
      throw inputError(
        'NO_HOST',
        problem,
        settings.destination.kind === 'plain'
          ? 'choose a stack that has gitlabProject or githubRepository with --stack: a plain destination trusts none'
          : 'set gitlabProject or githubRepository, or choose the stack that has it with --stack',
      );
    }
    const releases = retention.sources.flatMap(releasesOf);
    const own = releases.filter(({ repository }) => repository === '.').map(({ glob }) => glob);
    const reports = await reportsOf(identity, own);
    for (const { host, checks } of reports) out(`${host}\n${formatChecks(checks)}\n\n`);
    const others = releases.filter(({ repository }) => repository !== '.').map(byHand);
    const list = [...reports.flatMap((report) => report.byHand), ...others];
    out(`By hand:\n${list.map((line) => `- ${line}\n`).join('')}`);
    const isOpen = reports.some(({ checks }) => checks.some(({ state }) => state !== 'ok'));
    return isOpen ? EXIT_CODES.problem : EXIT_CODES.done;
  },
});

interface Report {
  readonly host: string;
  readonly checks: readonly Check[];
  readonly byHand: readonly string[];
}

async function reportsOf(
  { gitlab, github }: IdentitySettings,
  releases: readonly string[],
): Promise<readonly Report[]> {
  const reports: Report[] = [];
  if (gitlab !== undefined) {
    const checks = await gitlabChecks(readingGitlab(gitlab, process.env), gitlab, releases);
    reports.push({ host: `GitLab, project ${gitlab.projectId}`, checks, byHand: GITLAB_BY_HAND });
  }
  if (github !== undefined) {
    const { api, repository } = readingGithub(process.env);
    const checks = await githubChecks(api, repository, github, releases);
    reports.push({ host: `GitHub, ${repository}`, checks, byHand: GITHUB_BY_HAND });
  }
  return reports;
}

/** A line for each check, and below the table what to do about those that are not ok. */
function formatChecks(checks: readonly Check[]): string {
  const rows = checks.map(({ state, name, promise }) => [state, name, promise]);
  const remedies = checks.flatMap(({ state, name, remedy }) =>
    state === 'ok' ? [] : `${name}: ${remedy}`,
  );
  return [formatTable(['', 'CHECK', 'WHAT MUST BE'], rows), ...remedies].join('\n');
}

interface Releases {
  readonly repository: string;
  readonly glob: string;
}

function releasesOf({ repository, branches }: Source): readonly Releases[] {
  const glob = 'only' in branches ? undefined : branches.releases?.glob;
  return glob === undefined ? [] : [{ repository, glob }];
}

function byHand({ repository, glob }: Releases): string {
  return `Who may create branches like ${glob} in ${repository}: each keeps images, and the oldest release leaves for a new one.`;
}
