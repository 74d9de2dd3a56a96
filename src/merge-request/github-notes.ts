import { z } from 'zod';
import { githubRequest } from './github-request.ts';
import { answered } from '../http/host-request.ts';
import type { Notes } from './notes.ts';
import { readPages } from './read-pages.ts';
import type { GithubPullRequest } from './note-target.ts';

const Listed = z.array(z.object({ id: z.number(), body: z.string().nullable() }));

/**
 * Asks GitHub's API ("REST API endpoints for issue comments"). Whose comments they are can't be told: the
 * token of a workflow may not ask who it is.
 */
export function githubNotes({ number, ...access }: GithubPullRequest): Notes {
  return {
    async list() {
      const all = await readPages(async (page) => {
        const path = `issues/${number}/comments?per_page=100&page=${page}`;
        return answered('GitHub', Listed, await githubRequest(access, { method: 'GET', path }));
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
