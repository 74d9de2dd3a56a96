import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { Command } from 'commander';
import { catalogJsonSchema } from '../catalog/json-schema.ts';
import { InvalidInputError } from '../problem.ts';

const FILE = 'config/images.schema.json';

/** `images schema`: the catalog's JSON Schema for editors, generated so that it can't lie. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description(`Write ${FILE} from the schema that the catalog is checked with`)
    .option('--check', 'write nothing; fail when the file is stale')
    .action(({ check }: { readonly check?: true }) => {
      if (check === true) checkSchema();
      else writeSchema();
    });
}

function writeSchema(): void {
  const schema = catalogJsonSchema();
  if (currentSchema() === schema) return;
  writeFileSync(FILE, schema);
  process.stdout.write(`${FILE} written\n`);
}

function checkSchema(): void {
  if (currentSchema() === catalogJsonSchema()) return;
  throw new InvalidInputError([
    {
      code: 'STALE_SCHEMA',
      file: FILE,
      path: '',
      problem: 'it is not what the code generates',
      remedy: 'run: npm run images -- schema',
    },
  ]);
}

function currentSchema(): string | undefined {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    return undefined; // Stale in any case; writing it will say what is wrong.
  }
}
