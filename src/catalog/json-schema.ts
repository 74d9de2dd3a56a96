import { z } from 'zod';
import { CatalogFile } from './schema.ts';

/**
 * The JSON Schema of `config/images.yml`, for editors: pretty-printed, ending with a newline, the same
 * bytes every time. It knows the shape; what needs the checkout is known to `parseCatalog` alone.
 * Draft 7, which the YAML language server understands best.
 */
export function catalogJsonSchema(): string {
  const schema = z.toJSONSchema(CatalogFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
