import {
  fetchWithRetry,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
} from '../http/fetch-with-retry.ts';
import { countTries, type HttpFailure } from '../http/http-failure.ts';
import { responseRemedy } from '../http/response-remedy.ts';
import { isRateLimit } from '../http/retry.ts';
import { parseJson } from '../json.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { badAnswer, RegistryError, RegistryFailure } from './registry-error.ts';
import { ErrorBody, type Responder } from './responder.ts';

/** A request to a registry, or to a server that belongs to one. All of them are idempotent. */
export interface RegistryRequest extends HttpRequest {
  /** What the request does, for messages: `read 127.0.0.1:5000/a:b`. */
  readonly purpose: string;
}

/** Sends a request with retries. Returns a response of any status. Throws a RegistryError without one. */
export async function registryRequest(
  request: RegistryRequest,
  options: HttpOptions,
): Promise<HttpResponse> {
  const result = await fetchWithRetry(request, options);
  if ('failure' in result) throw failureError(request, result);
  return result;
}

/** What to do about a registry that ends the connection, or does not respond in time. */
const TRY_LATER =
  'try again later; if it lasts, have the operator of the registry, or of a firewall before it, look at it';

/** The error for a request that got no response. */
export function failureError(
  { purpose, url }: Pick<RegistryRequest, 'purpose' | 'url'>,
  failed: HttpFailure,
): RegistryError {
  const { failure, reason, tries, cause } = failed;
  switch (failure) {
    case 'proxy':
    case 'unreachable':
      return new RegistryError(
        'REGISTRY_UNREACHABLE',
        `could not ${purpose}: ${reason} (${countTries(tries)} at ${url.origin})`,
        failed.remedy ?? TRY_LATER,
        cause,
      );
    case 'untrusted':
      return new RegistryError(
        'REGISTRY_UNTRUSTED',
        `could not ${purpose} at ${url.origin}: ${reason}`,
        failed.remedy ?? TRY_LATER,
        cause,
      );
    case 'redirected':
      return new RegistryError(
        'REGISTRY_UNSAFE',
        `could not ${purpose}: ${url.host} redirects to plain http`,
        'tell the operator of the registry',
      );
    case 'too large':
      return badAnswer(
        purpose,
        reason,
        'look at what answers there: nothing that is read from a registry is that large',
      );
  }
}

type StatusCode = 'REGISTRY_UNAUTHORIZED' | 'REGISTRY_DENIED' | 'REGISTRY_RATE_LIMITED';

const STATUS_CODES: Readonly<Record<number, StatusCode>> = {
  401: 'REGISTRY_UNAUTHORIZED',
  403: 'REGISTRY_DENIED',
};

/**
 * The error for a response that refuses a request. `secrets` are struck out of its text: some
 * proxies repeat the request's headers in their error pages.
 */
export function responseError(
  purpose: string,
  response: HttpResponse,
  secrets: Iterable<string>,
  { name, messageOf, remedies }: Responder,
): RegistryError {
  const { status, bytes } = response;
  const code = isRateLimit(response)
    ? 'REGISTRY_RATE_LIMITED'
    : (STATUS_CODES[status] ?? 'REGISTRY_ANSWER');
  const text = messageOf(parseJson(bytes)) ?? bytes.toString();
  const quoted = redact(text, secrets, LONGEST_QUOTE);
  const Kind = status >= 500 ? RegistryFailure : RegistryError;
  return new Kind(
    code,
    `could not ${purpose}: ${name} answered ${status}${quoted === '' ? '' : ` (${quoted})`}`,
    responseRemedy(remedies, response, text) ?? 'see what it says there',
  );
}

/** The codes of the errors in a response's body, such as `UNSUPPORTED`. */
export function errorCodes({ bytes }: HttpResponse): readonly string[] {
  return (ErrorBody.safeParse(parseJson(bytes)).data ?? []).map(({ code }) => code);
}
