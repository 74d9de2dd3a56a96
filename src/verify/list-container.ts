import { unknown, type Packages } from '../packages/package-list.ts';

interface ListOptions {
  /** `os/architecture[/variant]`. */
  readonly platform: string;
  readonly signal: AbortSignal;
}

/** The packages of a container image, by its own package manager. `reference` is `registry/repository@digest`. */
export function listContainer(reference: string, options: ListOptions): Promise<Packages> {
  options.signal.throwIfAborted();
  return Promise.resolve(unknown(`${reference} is not listed yet`));
}
