import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { catalogJsonSchema } from '../catalog/schema.ts';
import { InvalidInputError } from '../problem.ts';
import { retentionJsonSchema } from '../retention/schema.ts';

const SCHEMAS = [
  { file: 'config/images.schema.json', generate: catalogJsonSchema },
  { file: 'config/retention.schema.json', generate: retentionJsonSchema },
];

/** `images schema`: the JSON Schemas of `config/`, for editors, generated so that they can't lie. */
export function schemaCommand({ root, out }: CliContext): Command {
  return new Command('schema')
    .description('Write config/*.schema.json from the schemas that the files are checked with')
    .option('--check', 'write nothing; fail when a file is stale')
    .action(({ check }: { readonly check?: true }) => {
      const stale = SCHEMAS.map(({ file, generate }) => ({ file, schema: generate() })).filter(
        ({ file, schema }) => currentText(join(root, file)) !== schema,
      );
      if (check === true && stale.length > 0) throw staleSchemas(stale.map(({ file }) => file));
      for (const { file, schema } of stale) {
        writeFileSync(join(root, file), schema);
        out(`${file} written\n`);
      }
    });
}

function currentText(place: string): string | undefined {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined; // Stale in any case; writing it will say what is wrong.
  }
}

function staleSchemas(files: readonly string[]): InvalidInputError {
  const problem = 'it is not what the code generates';
  const remedy = 'run: npm run images -- schema';
  return new InvalidInputError(
    files.map((file) => ({ code: 'STALE_SCHEMA', file, path: '', problem, remedy })),
  );
}
