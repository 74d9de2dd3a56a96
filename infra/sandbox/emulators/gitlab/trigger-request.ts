import { createHash, timingSafeEqual, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../../../src/json.ts';
import { PROJECT_ID } from './pipelines.ts';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readTextFile, writeIfChanged } from '../../text-file.ts';

/** GitLab's response to a request that starts nothing. */
interface ErrorResponse {
  readonly status: number;
  readonly body: object;
}

/** A request that may start a pipeline. */
interface TriggerRequest {
  readonly ref: string;
}

/** The fields of a form or of JSON that have an effect on a trigger. */
const Fields = z.object({
  token: z.string().optional(),
  ref: z.string().optional(),
  variables: z.unknown().optional(),
});
type Fields = z.infer<typeof Fields>;

const NOT_FOUND: ErrorResponse = { status: 404, body: { message: '404 Not Found' } };

/** GitLab's response for any reason not to run a pipeline. */
export function baseError(text: string): ErrorResponse {
  return { status: 400, body: { message: { base: [text] } } };
}

/**
 * Reads a request of GitLab's `POST /projects/:id/trigger/pipeline` and checks the same as GitLab, in the
 * same order: the type of the body, missing fields, the project, and the token. The response to a wrong
 * token is 404, so that nobody learns which projects exist. Variables are rejected as in a project with
 * GitLab's own defaults, which let no role set them.
 */
export function readTrigger(
  project: string,
  contentType: string | undefined,
  body: string,
  token: string,
): TriggerRequest | ErrorResponse {
  const fields = fieldsOf(contentType, body);
  if ('status' in fields) return fields;
  const missing = (['ref', 'token'] as const).filter((name) => fields[name] === undefined);
  if (missing.length > 0) {
    return { status: 400, body: { error: missing.map((name) => `${name} is missing`).join(', ') } };
  }
  const { ref = '', token: given = '', variables } = fields;
  if (project !== String(PROJECT_ID) || !isSame(given, token)) return NOT_FOUND;
  if (variables !== undefined)
    return baseError('Insufficient permissions to set pipeline variables');
  return { ref };
}

function fieldsOf(contentType = '', body: string): Fields | ErrorResponse {
  const [type = ''] = contentType.split(';');
  switch (type.trim().toLowerCase()) {
    // A request without a body needs no type.
    case '':
      return {};
    case 'application/x-www-form-urlencoded':
      return formFields(new URLSearchParams(body));
    case 'application/json':
      return jsonFields(body);
    default:
      return {
        status: 415,
        body: { error: `The provided content-type '${type}' is not supported.` },
      };
  }
}

/** A form writes a variable as `variables[NAME]=value`. */
function formFields(form: URLSearchParams): Fields {
  const fields = Fields.parse(Object.fromEntries(form));
  const isVariable = [...form.keys()].some((name) => name.startsWith('variables['));
  return isVariable ? { ...fields, variables: true } : fields;
}

function jsonFields(body: string): Fields | ErrorResponse {
  const { success, data } = Fields.safeParse(parseJson(body));
  if (success) return data;
  return { status: 400, body: { error: 'The request body is not valid JSON' } };
}

/** Takes the same time whatever the difference. */
function isSame(given: string, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

/** The secret that starts pipelines, from a file of the sandbox; made when there is no such file. */
export function triggerToken(gitlabFolder: string): string {
  const file = join(gitlabFolder, 'token');
  const known = readTextFile(file)?.trim();
  if (known !== undefined && known !== '') return known;
  // GitLab's tokens have this prefix, by which tools find leaked ones.
  const token = `glptt-${randomBytes(20).toString('hex')}`;
  writeIfChanged(file, `${token}\n`);
  chmodSync(file, 0o600);
  return token;
}

/** Where a pipeline of the project is started, at the emulator's address (`127.0.0.1:<port>`). */
export function triggerAddress(gitlab: string): string {
  return `http://${gitlab}/api/v4/projects/${PROJECT_ID}/trigger/pipeline`;
}
