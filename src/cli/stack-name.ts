import { InvalidArgumentError } from 'commander';

/** The grammar of the engine, which also keeps a name from leading to another directory. */
export function parseStackName(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError('A stack name holds letters, digits, "_", "." and "-" only.');
}
