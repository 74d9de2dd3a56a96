import { z } from 'zod';
import {
  fetchWithRetry,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
} from '../http/fetch-with-retry.ts';
import { countTries, failureRemedy, TRUST_REMEDY, type HttpFailure } from '../http/http-failure.ts';
import { isRateLimit } from '../http/retry.ts';
import { parseJson } from '../json.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { RegistryError } from './registry-error.ts';

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

function failureError(
  { purpose, url }: RegistryRequest,
  { failure, reason, tries, cause }: HttpFailure,
): RegistryError {
  switch (failure) {
    case 'proxy':
    case 'unreachable':
      return new RegistryError(
        'REGISTRY_UNREACHABLE',
        `could not ${purpose}: ${reason} (${countTries(tries)} at ${url.origin})`,
        failureRemedy({ failure }, 'check that the registry runs and that its address is right'),
        cause,
      );
    case 'untrusted':
      return new RegistryError(
        'REGISTRY_UNTRUSTED',
        `could not ${purpose} at ${url.origin}: ${reason}`,
        TRUST_REMEDY,
        cause,
      );
    case 'redirected':
      return new RegistryError(
        'REGISTRY_UNSAFE',
        `could not ${purpose}: ${url.host} redirects to plain http`,
        'tell the operator of the registry',
      );
    case 'too large':
      return new RegistryError(
        'REGISTRY_ANSWER',
        `could not ${purpose}: ${reason}`,
        'look at what was pushed there: no manifest or image configuration is that large',
      );
  }
}

type StatusCode = 'REGISTRY_UNAUTHORIZED' | 'REGISTRY_DENIED' | 'REGISTRY_RATE_LIMITED';

const STATUS_CODES: Readonly<Record<number, StatusCode>> = {
  401: 'REGISTRY_UNAUTHORIZED',
  403: 'REGISTRY_DENIED',
};

/** How a kind of server words its errors. */
export interface Responder {
  readonly name: string;
  /** The message in the JSON of an error. */
  readonly messageOf: (body: unknown) => string | undefined;
  /** What to do about an error. `REGISTRY_ANSWER` is every other. */
  readonly remedies: Readonly<Record<StatusCode | 'REGISTRY_ANSWER', string>>;
}

/** OCI distribution spec, "Error codes". Required by the spec, often not there in the wild. */
const ErrorBody = z
  .object({
    errors: z.array(z.object({ code: z.string().default(''), message: z.string().default('') })),
  })
  .transform(({ errors }) => errors);

const REGISTRY: Responder = {
  name: 'the registry',
  messageOf: (body) => {
    const [first] = ErrorBody.safeParse(body).data ?? [];
    return first && [first.code, first.message].filter(Boolean).join(': ');
  },
  remedies: {
    REGISTRY_UNAUTHORIZED: 'log in with `gcloud auth configure-docker` or `docker login`',
    REGISTRY_DENIED: 'grant the account that is logged in what it lacks, and check the repository',
    REGISTRY_RATE_LIMITED: 'try again later',
    REGISTRY_ANSWER: 'look at the log of the registry',
  },
};

/**
 * Who responded: the registry, or a server that it redirects to. `hasAccount` says whether the registry got an account.
 * Docker Hub and others answer 401 for a repository that is not there, too.
 */
export function responder({ origin }: HttpResponse, registry: URL, hasAccount: boolean): Responder {
  const isOwn = origin === registry.origin;
  const login = hasAccount
    ? 'let the account read it, or log in with `docker login` as another one'
    : 'log in with `gcloud auth configure-docker` or `docker login`';
  const remedy = isOwn
    ? `the repository is not there, or needs a login: check its name; if it is right, ${login}`
    : `tell the operator of ${registry.host}; no account was sent to ${origin}`;
  return {
    ...REGISTRY,
    ...(!isOwn && { name: `${origin}, where the registry redirects to,` }),
    remedies: { ...REGISTRY.remedies, REGISTRY_UNAUTHORIZED: remedy },
  };
}

/**
 * The error for a response that refuses a request. `secrets` are struck out of its text: some
 * proxies repeat the request's headers in their error pages.
 */
export function responseError(
  purpose: string,
  response: HttpResponse,
  secrets: Iterable<string>,
  { name, messageOf, remedies }: Responder = REGISTRY,
): RegistryError {
  const { status, bytes } = response;
  const code = isRateLimit(response)
    ? 'REGISTRY_RATE_LIMITED'
    : (STATUS_CODES[status] ?? 'REGISTRY_ANSWER');
  const text = messageOf(parseJson(bytes)) ?? bytes.toString();
  const quoted = redact(text, secrets, LONGEST_QUOTE);
  return new RegistryError(
    code,
    `could not ${purpose}: ${name} answered ${status}${quoted === '' ? '' : ` (${quoted})`}`,
    remedies[code],
  );
}

/** The codes of the errors in a response's body, such as `UNSUPPORTED`. */
export function errorCodes({ bytes }: HttpResponse): readonly string[] {
  return (ErrorBody.safeParse(parseJson(bytes)).data ?? []).map(({ code }) => code);
}
