import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { catalogJsonSchema } from '../catalog/schema.ts';
import { InvalidInputError } from '../problem.ts';
import { retentionJsonSchema } from '../retention/schema.ts';

const SCHEMAS = [
  { file: 'config/images.schema.json', generate: catalogJsonSchema },
  { file: 'config/retention.schema.json', generate: retentionJsonSchema },
];

/** `images schema`: generates the JSON Schemas of `config/`, which editors use. */
export function schemaCommand(context: CliContext): Subcommand {
  const command = new Command('schema')
    .description('Write config/*.schema.json from the schemas that the files are checked with')
    .option('--check', 'write nothing; fail when a file is stale');
  return { command, run: () => writeSchemas(context, command.opts<{ check?: true }>()) };
}

function writeSchemas({ root, out }: CliContext, { check }: { check?: true }): ExitCode {
  const stale = SCHEMAS.map(({ file, generate }) => ({ file, schema: generate() })).filter(
    ({ file, schema }) => currentText(join(root, file)) !== schema,
  );
  if (check === true && stale.length > 0) throw staleSchemas(stale.map(({ file }) => file));
  for (const { file, schema } of stale) {
    writeFileSync(join(root, file), schema);
    out(`${file} written\n`);
  }
  return EXIT_CODES.done;
}

function currentText(place: string): string | undefined {
  return existsSync(place) ? readFileSync(place, 'utf8') : undefined;
}

function staleSchemas(files: readonly string[]): InvalidInputError {
  const problem = 'the file is not what the code generates';
  const remedy = 'run: npm run images -- schema';
  return new InvalidInputError(
    files.map((file) => ({ code: 'STALE_SCHEMA', file, path: '', problem, remedy })),
  );
}
