import { join } from 'node:path';
import { isSecret, secretIn } from '../../secret-file.ts';
import { PROJECT_ID } from './pipelines.ts';

/** GitLab's response to a request that starts nothing. */
interface ErrorResponse {
  readonly status: number;
  readonly body: object;
}

/**
 * Reads a request of GitLab's `POST /projects/:id/trigger/pipeline` (a form, as a schedule sends it) and
 * checks the same as GitLab, in the same order: the type of the body, missing fields, the project, and the
 * token. The response to a wrong token is 404, so that nobody learns which projects exist.
 *
 * @returns the branch
 */
export function readTrigger(
  project: string,
  contentType: string | undefined,
  body: string,
  token: string,
): { readonly ref: string } | ErrorResponse {
  const [type = ''] = (contentType ?? '').split(';');
  if (!['', 'application/x-www-form-urlencoded'].includes(type.trim().toLowerCase())) {
    const error = `The provided content-type '${type}' is not supported.`;
    return { status: 415, body: { error } };
  }
  const form = new URLSearchParams(body);
  const missing = ['ref', 'token'].filter((name) => !form.has(name));
  if (missing.length > 0) {
    return { status: 400, body: { error: missing.map((name) => `${name} is missing`).join(', ') } };
  }
  if (project !== String(PROJECT_ID) || !isSecret(form.get('token') ?? '', token)) {
    return { status: 404, body: { message: '404 Not Found' } };
  }
  return { ref: form.get('ref') ?? '' };
}

/** The secret that starts pipelines. GitLab's tokens have this prefix, by which tools find leaked ones. */
export function triggerToken(gitlabFolder: string): string {
  return secretIn(join(gitlabFolder, 'token'), 'glptt-');
}

/** Where a pipeline of the project is started, at the emulator's address (`127.0.0.1:<port>`). */
export function triggerAddress(gitlab: string): string {
  return `http://${gitlab}/api/v4/projects/${PROJECT_ID}/trigger/pipeline`;
}
