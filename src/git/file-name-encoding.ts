import { InvalidInputError } from '../problem.ts';

/** A name that could be neither written in a pattern nor hashed the same way everywhere. */
export function fileNameEncoding(directory: string, shown: string): InvalidInputError {
  return new InvalidInputError([
    {
      code: 'FILE_NAME_ENCODING',
      file: directory === '' ? '.' : directory,
      path: '',
      problem: `holds a name that is not UTF-8: ${JSON.stringify(shown)}`,
      remedy: 'rename it, or make the link anew',
    },
  ]);
}
