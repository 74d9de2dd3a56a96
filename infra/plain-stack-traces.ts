/**
 * Gives errors back the stack traces that V8 writes. Pulumi's runner maps each of them to the sources
 * that a compiler read; here there is no compiler (Node runs the TypeScript as it is), and the SDK
 * takes a stack trace four times for each property of each resource.
 */
export function plainStackTraces(): void {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
}
