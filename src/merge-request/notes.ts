import type { NoteTarget, GithubPullRequest, GitlabMergeRequest } from './note-target.ts';
import { z } from 'zod';
import { GITHUB, githubRequest } from './github-request.ts';
import {
  parseResponse,
  hostRequest,
  type HostResponse,
  type HostApi,
  type HostRequest,
} from './host-request.ts';
import { readPages } from './read-pages.ts';

/** A note on a merge request. */
interface Note {
  readonly id: number;
  readonly body: string;
}

/** The notes of one merge request. Its functions throw HostErrors. */
export interface Notes {
  /** Those that the token's owner may have written, the oldest first. */
  list(): Promise<readonly Note[]>;
  post(body: string): Promise<void>;
  edit(id: number, body: string): Promise<void>;
}

export function notesOf(target: NoteTarget): Notes {
  return target.host === 'gitlab' ? gitlabNotes(target) : githubNotes(target);
}

const GithubComments = z.array(z.object({ id: z.number(), body: z.string().nullable() }));

/**
 * Asks GitHub's API ("REST API endpoints for issue comments"). Whose comments they are can't be told: the
 * token of a workflow may not ask who it is.
 */
function githubNotes({ number, ...access }: GithubPullRequest): Notes {
  return {
    async list() {
      const all = await readPages(async (page) => {
        const path = `issues/${number}/comments?per_page=100&page=${page}`;
        return parseResponse(
          GITHUB,
          GithubComments,
          await githubRequest(access, { method: 'GET', path }),
        );
      });
      return all.map(({ id, body }) => ({ id, body: body ?? '' }));
    },
    async post(body) {
      const path = `issues/${number}/comments`;
      await githubRequest(access, { method: 'POST', path, body: { body } });
    },
    async edit(id, body) {
      const path = `issues/comments/${id}`;
      await githubRequest(access, { method: 'PATCH', path, body: { body } });
    },
  };
}

const GITLAB = { name: 'GitLab', prefix: 'GITLAB' } as const;

const User = z.object({ id: z.number() });
const GitlabNotes = z.array(z.object({ id: z.number(), body: z.string(), author: User }));

/** Asks GitLab's notes API ("Notes API", "Merge requests"). Only the token owner's notes are listed. */
function gitlabNotes({ api, project, number, token }: GitlabMergeRequest): Notes {
  const notes = `/projects/${project}/merge_requests/${number}/notes`;
  const host: HostApi = {
    ...GITLAB,
    token,
    remedies: REMEDIES,
    headers: { 'private-token': token },
    patience: 'run this job again',
  };
  const ask = (
    method: HostRequest['method'],
    path: string,
    body?: HostRequest['body'],
  ): Promise<HostResponse> => {
    const [place = ''] = path.split('?');
    return hostRequest(host, { method, url: `${api}${path}`, place, body });
  };
  return {
    async list() {
      const me = parseResponse(GITLAB, User, await ask('GET', '/user')).id;
      const all = await readPages(async (page) => {
        const query = `per_page=100&page=${page}&sort=asc&order_by=created_at`;
        return parseResponse(GITLAB, GitlabNotes, await ask('GET', `${notes}?${query}`));
      });
      return all.filter(({ author }) => author.id === me);
    },
    async post(body) {
      await ask('POST', notes, { body });
    },
    async edit(id, body) {
      await ask('PUT', `${notes}/${id}`, { body });
    },
  };
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'set GITLAB_TOKEN to a token that is valid',
  403: 'give the token the scope api and the role Reporter',
  404: 'check that the token may see the project and its merge request',
};
