/** google.rpc.Code: the number and the HTTP status of each code that the emulator responds with. */
const CODES = {
  INVALID_ARGUMENT: { number: 3, http: 400 },
  FAILED_PRECONDITION: { number: 9, http: 400 },
  UNAUTHENTICATED: { number: 16, http: 401 },
  PERMISSION_DENIED: { number: 7, http: 403 },
  NOT_FOUND: { number: 5, http: 404 },
  ABORTED: { number: 10, http: 409 },
  ALREADY_EXISTS: { number: 6, http: 409 },
  RESOURCE_EXHAUSTED: { number: 8, http: 429 },
  INTERNAL: { number: 13, http: 500 },
  UNIMPLEMENTED: { number: 12, http: 501 },
  UNAVAILABLE: { number: 14, http: 503 },
  DEADLINE_EXCEEDED: { number: 4, http: 504 },
} as const;

export type ErrorStatus = keyof typeof CODES;

/** An error in the words of a Google API. `details` are google.rpc messages, each with its `@type`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: ErrorStatus;
  readonly details: readonly object[];

  constructor(status: ErrorStatus, message: string, details: readonly object[] = []) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export function invalidArgument(message: string): ApiError {
  return new ApiError('INVALID_ARGUMENT', message);
}

export function notFound(message = 'Requested entity was not found.'): ApiError {
  return new ApiError('NOT_FOUND', message);
}

/** The HTTP status and the body of an error, in the shape that every Google API has. */
export function errorResponse({ status, message, details }: ApiError, code?: number) {
  const http = code ?? CODES[status].http;
  const shown = details.length > 0 ? details : undefined;
  return { code: http, body: { error: { code: http, message, status, details: shown } } };
}

/** The code that Google gives with an HTTP status; `undefined` where it has none. */
export function statusOf(http: number): ErrorStatus | undefined {
  const names = Object.keys(CODES) as ErrorStatus[];
  return names.find((name) => CODES[name].http === http);
}

/** The number of a code in a google.rpc.Status. */
export function numberOf(status: ErrorStatus): number {
  return CODES[status].number;
}
