import {
  fetchWithRetry,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
} from '../http/fetch-with-retry.ts';
import { countTries } from '../http/http-failure.ts';
import { responseRemedy, type ResponseRemedy } from '../http/response-remedy.ts';
import { CodedError } from '../problem.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';

/** Why nothing was signed, or why a signature could not be checked. */
type SigningErrorCode =
  | 'SIGNING_KEY' // The private key is not there, or of no use.
  | 'SIGNING_IDENTITY' // The run has no identity token.
  | 'SIGNING_UNREACHABLE' // KMS, Fulcio, Rekor or the root of Sigstore gave no answer.
  | 'SIGNING_REFUSED' // One of them refused the request, or answered something else.
  | 'SIGNER_NOT_ACCEPTED' // The setting `signers` does not have who signs.
  | 'TRUSTED_ROOT'; // The file of that name is of no use.

/** `code  problem; remedy` in one line. No credential is ever part of it. */
export class SigningError extends CodedError<SigningErrorCode> {
  override readonly name = 'SigningError';
}

/** A request to a service that takes part in a signature. */
interface ServiceRequest extends HttpRequest {
  /** What the request does, for messages: `sign with the key ...`. */
  readonly purpose: string;
  readonly service: string;
  /** Struck out of messages. */
  readonly secrets: readonly string[];
  /** For responses that are no success; the last one fits every response. */
  readonly remedies: readonly ResponseRemedy[];
  /** Statuses that are no failure, beside 200 and 201. */
  readonly accepts?: readonly number[];
}

/** Sends a request with retries. Throws a SigningError for anything but a success. */
export async function serviceRequest(
  request: ServiceRequest,
  options: HttpOptions,
): Promise<HttpResponse> {
  const { purpose, service, secrets, remedies, accepts = [] } = request;
  const result = await fetchWithRetry(request, options);
  if ('failure' in result) {
    throw new SigningError(
      'SIGNING_UNREACHABLE',
      `could not ${purpose}: ${result.reason} (${countTries(result.tries)} at ${request.url.origin})`,
      result.remedy ?? `run again; if it lasts, check whether ${service} is there`,
    );
  }
  if ([200, 201, ...accepts].includes(result.status)) return result;
  const text = result.bytes.toString();
  const quoted = redact(text, secrets, LONGEST_QUOTE);
  throw new SigningError(
    'SIGNING_REFUSED',
    `could not ${purpose}: ${service} answered ${result.status}${quoted === '' ? '' : ` (${quoted})`}`,
    responseRemedy(remedies, result, text) ?? 'see what it says there',
  );
}
