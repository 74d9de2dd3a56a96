/**
 * Something that the sandbox needs and can't bring itself. The message is ready to print: what is
 * wrong on the first line, what to do about it on the next.
 */
export class PrerequisiteError extends Error {
  override readonly name = 'PrerequisiteError';

  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(`${problem}\n  ${remedy}`, options);
  }
}
