/**
 * Something that a command needs and can't provide itself. The message is ready to print: the problem
 * on the first line, the remedy on the next.
 */
export class PrerequisiteError extends Error {
  override readonly name = 'PrerequisiteError';

  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(`${problem}\n  ${remedy}`, options);
  }
}
