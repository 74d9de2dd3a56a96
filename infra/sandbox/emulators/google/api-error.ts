/** google.rpc.Code, as far as it is answered here, with the HTTP status that stands for it. */
const HTTP_STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type ErrorStatus = keyof typeof HTTP_STATUS;

/** A no in the words of a Google API. `details` are google.rpc messages, each with its `@type`. */
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

/** The HTTP status and the body of an error, in the shape that every Google API has. */
export function errorReply({ status, message, details }: ApiError): { code: number; body: object } {
  const code = HTTP_STATUS[status];
  return {
    code,
    body: { error: { code, message, status, ...(details.length > 0 && { details }) } },
  };
}

/** The status that Google gives with an HTTP status, for faults that are asked for by number. */
export function statusOf(code: number): ErrorStatus {
  const names = Object.keys(HTTP_STATUS) as ErrorStatus[];
  return names.find((name) => HTTP_STATUS[name] === code) ?? 'INTERNAL';
}

export function invalidArgument(message: string): ApiError {
  return new ApiError('INVALID_ARGUMENT', message);
}

export function notFound(message = 'Requested entity was not found.'): ApiError {
  return new ApiError('NOT_FOUND', message);
}
