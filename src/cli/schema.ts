import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { catalogJsonSchema } from '../catalog/json-schema.ts';
import { InvalidInputError } from '../problem.ts';

const FILE = 'config/images.schema.json';

/** `images schema`: the catalog's JSON Schema for editors, generated so that it can't lie. */
export function schemaCommand({ root, out }: CliContext): Command {
  return new Command('schema')
    .description(`Write ${FILE} from the schema that the catalog is checked with`)
    .option('--check', 'write nothing; fail when the file is stale')
    .action(({ check }: { readonly check?: true }) => {
      const place = join(root, FILE);
      const schema = catalogJsonSchema();
      if (currentText(place) === schema) return;
      if (check === true) throw staleSchema();
      writeFileSync(place, schema);
      out(`${FILE} written\n`);
    });
}

function currentText(place: string): string | undefined {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined; // Stale in any case; writing it will say what is wrong.
  }
}

function staleSchema(): InvalidInputError {
  return new InvalidInputError([
    {
      code: 'STALE_SCHEMA',
      file: FILE,
      path: '',
      problem: 'it is not what the code generates',
      remedy: 'run: npm run images -- schema',
    },
  ]);
}
