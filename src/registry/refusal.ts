import { z } from 'zod';
import type { Answer } from './exchange.ts';
import { RegistryError, type RegistryErrorCode } from './registry-error.ts';

/** OCI distribution spec, "Error codes". Required by the spec, often not there in the wild. */
const ErrorBody = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).min(1),
});

const LONGEST_QUOTE = 300;

const REMEDIES: Readonly<Partial<Record<RegistryErrorCode, string>>> = {
  REGISTRY_UNAUTHORIZED:
    'log in with `gcloud auth configure-docker` or `docker login`; a refresh needs --run-program to use the login of the program',
  REGISTRY_DENIED: 'grant the account that is logged in what it lacks, and check the repository',
  REGISTRY_RATE_LIMITED: 'try again later',
  REGISTRY_ANSWER: 'look at the log of the registry',
};

/**
 * The error for an answer that is a no. `secrets` are struck out of what the registry says: some
 * proxies repeat the request's headers in their error pages.
 */
export function refusal(asked: string, answer: Answer, secrets: Iterable<string>): RegistryError {
  const code = codeOf(answer.status);
  const said = quote(answer.bytes, secrets);
  return new RegistryError(
    code,
    `asked to ${asked}, the registry answered ${answer.status}${said === '' ? '' : ` (${said})`}`,
    REMEDIES[code] ?? 'look at the log of the registry',
  );
}

/** The codes of the errors in a refusal's body, such as `UNSUPPORTED`. */
export function errorCodes({ bytes }: Answer): readonly string[] {
  return parseErrors(Buffer.from(bytes).toString()).map(({ code = '' }) => code);
}

function codeOf(status: number): RegistryErrorCode {
  if (status === 401) return 'REGISTRY_UNAUTHORIZED';
  if (status === 403) return 'REGISTRY_DENIED';
  if (status === 429) return 'REGISTRY_RATE_LIMITED';
  return 'REGISTRY_ANSWER';
}

function quote(bytes: Uint8Array, secrets: Iterable<string>): string {
  let text = Buffer.from(bytes).toString();
  const [first] = parseErrors(text);
  if (first !== undefined) text = [first.code, first.message].filter(Boolean).join(': ');
  for (const secret of secrets) text = text.replaceAll(secret, '***');
  // A foreign text must not write on the reader's terminal.
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_QUOTE);
}

function parseErrors(text: string) {
  try {
    const body = ErrorBody.safeParse(JSON.parse(text));
    return body.success ? body.data.errors : [];
  } catch {
    return [];
  }
}
