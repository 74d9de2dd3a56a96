/** Runs the Docker client with these arguments and returns what it printed; rejects when it fails. */
export type Docker = (...args: readonly string[]) => Promise<string>;
