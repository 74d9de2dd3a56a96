import { isLoopback } from '../url.ts';

/** A project by its number, or by its path with each `/` written as `%2F`. */
const PATH =
  /^(?:\/[\w.-]+)*\/api\/v4\/projects\/(?:\d+|[\w.-]+(?:%2F[\w.-]+)+)\/trigger\/pipeline$/i;

/**
 * Whether a text is where GitLab starts pipelines of a project: `POST
 * /projects/:id/trigger/pipeline` ("Pipeline trigger tokens API"), below the path that the instance may
 * have. By plain http only on this machine, since the call carries a token; and with nothing in it that a
 * token could be mixed up with: no credentials, no query.
 */
export function isGitlabPipeline(text: string): boolean {
  const url = URL.parse(text);
  // One way to write it only: no tabs, no upper-case host, no `..`, no empty query.
  if (url?.href !== text || url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return false;
  }
  return url.origin + url.pathname === text && PATH.test(url.pathname);
}
