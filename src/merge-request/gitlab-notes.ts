import { z } from 'zod';
import {
  answered,
  hostRequest,
  type HostAnswer,
  type HostApi,
  type HostRequest,
} from '../http/host-request.ts';
import type { Notes } from './notes.ts';
import { readPages } from './read-pages.ts';
import type { GitlabMergeRequest } from './note-target.ts';

const User = z.object({ id: z.number() });
const Listed = z.array(z.object({ id: z.number(), body: z.string(), author: User }));

/** Asks GitLab's notes API ("Notes API", "Merge requests"). Only the token owner's notes are listed. */
export function gitlabNotes({ api, project, number, token }: GitlabMergeRequest): Notes {
  const notes = `/projects/${project}/merge_requests/${number}/notes`;
  const host: HostApi = {
    ...{ name: 'GitLab', prefix: 'GITLAB', token, remedies: REMEDIES },
    headers: { 'private-token': token },
    patience: 'run this job again',
  };
  const ask = (
    method: HostRequest['method'],
    path: string,
    body?: HostRequest['body'],
  ): Promise<HostAnswer> => {
    const [place = ''] = path.split('?');
    return hostRequest(host, { method, url: `${api}${path}`, place, ...(body && { body }) });
  };
  return {
    async list() {
      const me = answered('GitLab', User, await ask('GET', '/user')).id;
      const all = await readPages(async (page) => {
        const query = `per_page=100&page=${page}&sort=asc&order_by=created_at`;
        return answered('GitLab', Listed, await ask('GET', `${notes}?${query}`));
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
