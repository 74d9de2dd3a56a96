import { z } from 'zod';
import { ruled, ruledText } from '../yaml/document-problem.ts';
import { parseTag } from '../image-reference.ts';
import { SourceShape } from '../branches/source-schema.ts';
import { parseAllowEntry } from './retention.ts';
import {
  parseDuration,
  aliasRule,
  countRule,
  durationRule,
  entryRule,
  MOST_KEPT,
} from './value-rules.ts';

/** Text that a rule has let through already, parsed. */
function parsed<Value>(parse: (text: string) => Value | undefined) {
  return (text: string): Value => parse(text) ?? z.NEVER;
}

function duration(description: string) {
  return ruledText(durationRule)
    .meta({ description, pattern: '^[1-9][0-9]*[hdw]$', examples: ['90d', '36h', '2w'] })
    .transform(parsed(parseDuration));
}

const Alias = ruledText(aliasRule)
  .meta({ pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$', examples: ['latest'] })
  .transform(parsed(parseTag));

const Entry = ruledText(entryRule)
  .meta({
    pattern: '^[a-z0-9._-]+(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[a-f0-9]{64})?$',
    examples: ['debian-12'],
  })
  .transform(parsed(parseAllowEntry));

function retentionFile<S extends z.ZodType>(source: S) {
  return z.strictObject({
    dryRun: z.boolean().meta({
      description: 'true: only log what would be deleted; false: delete it',
    }),
    window: duration(
      'A tagged version goes this long after its upload, unless something below keeps it',
    ),
    keepNewest: ruled(z.number(), countRule).meta({
      description:
        'So many versions of each image stay whatever their age; untagged ones, such as the parts of an index, are counted as well',
      type: 'integer',
      minimum: 1,
      maximum: MOST_KEPT,
    }),
    untaggedAfter: duration('A version that no tag names goes this long after its upload'),
    keepAliases: z
      .array(Alias)
      .default([])
      .meta({ description: 'What these tags, or tags that begin like them, name always stays' }),
    allow: z
      .array(Entry)
      .default([])
      .meta({ description: 'Always stays: image, image:tag or image@digest' }),
    gracePeriod: duration('A version whose last reference has gone stays this long from then on'),
    sources: z
      .array(source)
      .meta({ description: 'Whose branches use the images; [] says that no branch counts' }),
  });
}

/**
 * The whole of `config/retention.yml`, but for its sources, which `parseSources` looks at. What decides
 * about deletion has no defaults: it is written down.
 */
export const RetentionFile = retentionFile(z.unknown());

/** The whole shape in one piece, for editors. */
const WholeRetentionFile = retentionFile(SourceShape).meta({
  title: 'Retention',
  description: 'How long the versions of the images stay in the registry',
});

/**
 * The JSON Schema of `config/retention.yml`, for editors: pretty-printed, ending with a newline, the
 * same bytes every time. Draft 7, which the YAML language server understands best.
 */
export function retentionJsonSchema(): string {
  const schema = z.toJSONSchema(WholeRetentionFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
