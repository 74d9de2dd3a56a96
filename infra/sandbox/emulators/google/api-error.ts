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
  UNKNOWN: { number: 2, http: 500 },
  UNIMPLEMENTED: { number: 12, http: 501 },
  UNAVAILABLE: { number: 14, http: 503 },
  DEADLINE_EXCEEDED: { number: 4, http: 504 },
} as const;

type ErrorStatus = keyof typeof CODES;

/** An error of a Google API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: ErrorStatus;
  /** google.rpc messages, each with its `@type`. */
  readonly details: readonly object[] | undefined;

  constructor(status: ErrorStatus, message: string, details?: readonly object[]) {
    super(message);
    this.status = status;
    this.details = details;
  }

  /** The HTTP status. */
  get code(): number {
    return CODES[this.status].http;
  }
}

export function invalidArgument(message: string): ApiError {
  return new ApiError('INVALID_ARGUMENT', message);
}

export function notFound(message = 'Requested entity was not found.'): ApiError {
  return new ApiError('NOT_FOUND', message);
}

/** The code that Google gives with an HTTP status. */
export function statusOf(http: number): ErrorStatus {
  const names = Object.keys(CODES) as ErrorStatus[];
  const other = http >= 500 ? 'INTERNAL' : 'UNKNOWN';
  return names.find((name) => CODES[name].http === http) ?? other;
}

/** A google.rpc.Status. */
export function rpcStatus(status: ErrorStatus, message: string) {
  return { code: CODES[status].number, message };
}
