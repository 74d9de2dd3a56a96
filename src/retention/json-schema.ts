import { z } from 'zod';
import { WholeRetentionFile } from './schema.ts';

/**
 * The JSON Schema of `config/retention.yml`, for editors: pretty-printed, ending with a newline, the
 * same bytes every time. Draft 7, which the YAML language server understands best.
 */
export function retentionJsonSchema(): string {
  const schema = z.toJSONSchema(WholeRetentionFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
