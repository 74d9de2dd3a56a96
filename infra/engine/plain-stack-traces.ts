/**
 * Gives errors back the stack traces that V8 writes. Pulumi's runner maps each of them to the sources
 * that a compiler read; here there is no compiler (Node runs the TypeScript as it is), and the SDK
 * takes a stack trace four times for each property of each resource. Each is short for the same reason;
 * the SDK makes it long itself where it looks for the line that a resource is declared in.
 */
export function plainStackTraces(): void {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  Error.stackTraceLimit = 3;
}
