import { z } from 'zod';
import type { Answer } from '../registry/exchange.ts';
import { RegistryError, type RegistryErrorCode } from '../registry/registry-error.ts';

/** google.rpc.Status, as every Google API answers a no. */
const ErrorBody = z.object({ error: z.object({ message: z.string() }) });

const LONGEST_QUOTE = 300;

const CODES: Readonly<Record<number, RegistryErrorCode>> = {
  401: 'REGISTRY_UNAUTHORIZED',
  403: 'REGISTRY_DENIED',
  429: 'REGISTRY_RATE_LIMITED',
};

const REMEDIES: Readonly<Partial<Record<RegistryErrorCode, string>>> = {
  REGISTRY_UNAUTHORIZED: 'log in anew: an access token ends within the hour',
  REGISTRY_DENIED: 'grant whoever is logged in roles/artifactregistry.reader on the repository',
  REGISTRY_RATE_LIMITED: 'try again later',
};

/** The error for an answer of a Google API that is a no; `secret` is struck out of what it says. */
export function googleRefusal(asked: string, answer: Answer, secret: string): RegistryError {
  const code = CODES[answer.status] ?? 'REGISTRY_ANSWER';
  const said = quote(answer.bytes, secret);
  return new RegistryError(
    code,
    `asked to ${asked}, Google answered ${answer.status}${said === '' ? '' : ` (${said})`}`,
    REMEDIES[code] ?? 'check project, location and repositoryId, or try again later',
  );
}

function quote(bytes: Uint8Array, secret: string): string {
  const text = Buffer.from(bytes).toString();
  const said = messageIn(text) ?? text;
  // A foreign text must not write on the reader's terminal.
  return (secret === '' ? said : said.replaceAll(secret, '***'))
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_QUOTE);
}

function messageIn(text: string): string | undefined {
  try {
    return ErrorBody.safeParse(JSON.parse(text)).data?.error.message;
  } catch {
    return undefined;
  }
}
