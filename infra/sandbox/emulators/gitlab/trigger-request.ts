import { createHash, timingSafeEqual, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PROJECT_ID } from './pipelines.ts';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readTextFile, writeIfChanged } from '../../text-file.ts';

/** An answer of GitLab's that is none that was hoped for. */
interface Refusal {
  readonly status: number;
  readonly body: object;
}

/** What the token lets somebody start. */
interface TriggerRequest {
  readonly ref: string;
}

/** Form fields and JSON alike; others than these have no effect on a trigger. */
const Fields = z.object({
  token: z.string().optional(),
  ref: z.string().optional(),
  variables: z.unknown().optional(),
});
type Fields = z.infer<typeof Fields>;

const NOT_FOUND: Refusal = { status: 404, body: { message: '404 Not Found' } };

/** As GitLab words it for any reason not to run a pipeline. */
export function baseError(text: string): Refusal {
  return { status: 400, body: { message: { base: [text] } } };
}

/**
 * Reads a call of GitLab's `POST /projects/:id/trigger/pipeline` and checks what GitLab does, in its
 * order: that the body is a form or JSON, what is missing, the project, and the token. A wrong token is
 * answered with 404, so that nobody learns which project there is. Variables are refused as in a project
 * with GitLab's own defaults, which lets no role set them.
 */
export function readTrigger(
  project: string,
  contentType: string | undefined,
  body: string,
  token: string,
): TriggerRequest | Refusal {
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

function fieldsOf(contentType = '', body: string): Fields | Refusal {
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

/** `variables[NAME]=value` is how a form writes a variable. */
function formFields(form: URLSearchParams): Fields {
  const fields = Fields.parse(Object.fromEntries(form));
  const isVariable = [...form.keys()].some((name) => name.startsWith('variables['));
  return isVariable ? { ...fields, variables: true } : fields;
}

function jsonFields(body: string): Fields | Refusal {
  try {
    return Fields.parse(JSON.parse(body));
  } catch {
    return { status: 400, body: { error: 'The request body is not valid JSON' } };
  }
}

/** Takes as long whatever is different. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** The secret that starts pipelines here, in a file of the sandbox; made when there is none. */
export function triggerToken(gitlabFolder: string): string {
  const file = join(gitlabFolder, 'token');
  const known = readTextFile(file)?.trim();
  if (known !== undefined && known !== '') return known;
  // GitLab's begin like this, by which leaked ones are found.
  const token = `glptt-${randomBytes(20).toString('hex')}`;
  writeIfChanged(file, `${token}\n`);
  chmodSync(file, 0o600);
  return token;
}
