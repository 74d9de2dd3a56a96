import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** As much of GitLab's API as a note needs, for a token that it names itself. */
export interface NotesServer {
  /** A value for CI_API_V4_URL. */
  readonly api: string;
  readonly token: string;
  /** The notes of the one merge request, in the order in which they were posted. */
  readonly notes: readonly { readonly id: number; readonly body: string }[];
  close(): void;
}

/** Starts it on loopback, for the merge request 7 of the project 42 ("Notes API", "Users API"). */
export async function startNotesServer(): Promise<NotesServer> {
  const token = 'note-t0ken';
  const path = '/api/v4/projects/42/merge_requests/7/notes';
  const notes: { id: number; body: string }[] = [];
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const { method = '', url = '', headers } = request;
    const [place = '', id] = [url.split('?')[0], url.slice(path.length + 1)];
    void text(request).then((sent) => {
      if (headers['private-token'] !== token) {
        answer(401, { message: '401 Unauthorized' });
        return;
      }
      const { body = '' } = (sent === '' ? {} : JSON.parse(sent)) as { body?: string };
      const note = notes.find((one) => String(one.id) === id);
      const all = notes.map((one) => ({ ...one, author: { id: 1 } }));
      if (place === '/api/v4/user') answer(200, { id: 1 });
      else if (place === path && method === 'GET') answer(200, all);
      else if (place === path && method === 'POST') {
        notes.push({ id: notes.length + 1, body });
        answer(201, {});
      } else if (note !== undefined && method === 'PUT') {
        note.body = body;
        answer(200, {});
      } else answer(404, { message: '404 Not found' });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`;
  return {
    ...{ api, token, notes },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
