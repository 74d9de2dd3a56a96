import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_CODES, flag, subcommand } from './subcommand.ts';
import { catalogJsonSchema } from '../catalog/schema.ts';
import { InvalidInputError } from '../problem.ts';
import { retentionJsonSchema } from '../retention/schema.ts';

const SCHEMAS = [
  { file: 'config/images.schema.json', generate: catalogJsonSchema },
  { file: 'config/retention.schema.json', generate: retentionJsonSchema },
];

/** `images schema`: generates the JSON Schemas of `config/`, which editors use. */
export const schemaCommand = subcommand({
  name: 'schema',
  description: 'Write config/*.schema.json from the schemas that the files are checked with',
  options: { check: flag('--check', 'write nothing; fail when a file is stale') },
  run: ({ root, out }, { check }) => {
    const stale = SCHEMAS.flatMap(({ file, generate }) => {
      const place = join(root, file);
      const schema = generate();
      const isFresh = existsSync(place) && readFileSync(place, 'utf8') === schema;
      return isFresh ? [] : { file, place, schema };
    });
    if (check === true && stale.length > 0) {
      const problem = 'the file is not what the code generates';
      const remedy = 'run: npm run images -- schema';
      throw new InvalidInputError(
        stale.map(({ file }) => ({ code: 'STALE_SCHEMA', file, problem, remedy })),
      );
    }
    for (const { file, place, schema } of stale) {
      writeFileSync(place, schema);
      out(`${file} written\n`);
    }
    return EXIT_CODES.done;
  },
});
