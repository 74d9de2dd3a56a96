import { retry, type RetryOptions } from '../http/retry.ts';
import {
  HostError,
  GITHUB,
  githubRequest,
  parseResponse,
  hostRequest,
  type HostResponse,
  type HostApi,
  type HostRequest,
} from './host-request.ts';
import type { NoteTarget, GithubPullRequest, GitlabMergeRequest } from './note-target.ts';
import { z } from 'zod';

/** The hidden first line by which the note of a stack is found again. */
export function markerOf(stack: string): string {
  return `<!-- kubernetes-ci-images: preview of ${stack} -->`;
}

/**
 * Gives a merge request one note of this stack, with this text: edits the one that is there, or posts
 * it. Retries all of it, since the note may have been posted though no response came. Throws a
 * HostError.
 */
export async function putNote(
  notes: Notes,
  stack: string,
  text: string,
  options: RetryOptions = {},
): Promise<'posted' | 'edited'> {
  const { result } = await retry(async () => {
    try {
      return { result: await put(notes, markerOf(stack), text), isFinal: true };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { result: error, isFinal: !error.isPassing, retryAfter: error.retryAfter };
    }
  }, options);
  if (result instanceof HostError) throw result;
  return result;
}

async function put(notes: Notes, marker: string, text: string): Promise<'posted' | 'edited'> {
  const body = `${marker}\n${text}`;
  const [ours] = (await notes.list()).filter((note) => note.body.startsWith(marker));
  if (ours !== undefined) {
    try {
      await notes.edit(ours.id, body);
      return 'edited';
    } catch (error) {
      // Somebody else's, with our marker in it.
      if (!(error instanceof HostError) || error.isPassing) throw error;
    }
  }
  await notes.post(body);
  return 'posted';
}

/** A note on a merge request. */
interface Note {
  readonly id: number;
  readonly body: string;
}

/** The notes of one merge request. Its functions throw HostErrors. */
interface Notes {
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

/** What a host gives at a time, at most. */
const PER_PAGE = 100;

/** More than any merge request has. */
const MOST_PAGES = 100;

/** All items of a list that comes in pages of 100, from page 1 on. */
async function readPages<Item>(
  read: (page: number) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const found = await read(page);
    items.push(...found);
    if (found.length < PER_PAGE) break;
  }
  return items;
}
