import { z } from 'zod';
import { parseAllowEntry, parseDuration } from './retention.ts';
import { count, SOURCE_CODES, SourceShape, validText } from '../branches/source-schema.ts';
import { parseTag } from '../image-reference.ts';

/** All problem codes of a retention file. The names are stable, and never change their meaning. */
export const RETENTION_PROBLEM_CODES = [
  'FILE_MISSING',
  'FILE_TOO_LARGE',
  'NOT_UTF8',
  'YAML_SYNTAX',
  'YAML_ALIASES',
  'UNKNOWN_KEY',
  'MISSING_KEY',
  'WRONG_TYPE',
  'UNQUOTED_VALUE',
  'INVALID_DURATION',
  'INVALID_ENTRY',
  ...SOURCE_CODES,
  'TOO_MANY_POLICIES',
] as const;

export type RetentionProblemCode = (typeof RETENTION_PROBLEM_CODES)[number];

export const MOST_KEPT = 1000;

/** How to write a duration, for remedies. */
export const DURATION_SHAPE = 'hours, days or weeks such as 36h, 90d or 2w, from 1d to 3650d';

/** Text that a rule has let through already, parsed. */
function parsed<Value>(parse: (text: string) => Value | undefined) {
  return (text: string): Value => parse(text) ?? z.NEVER;
}

function duration(description: string) {
  return validText(
    'INVALID_DURATION',
    (text) => parseDuration(text) !== undefined,
    'is no duration that can be used',
    `write ${DURATION_SHAPE}`,
  )
    .meta({ description, pattern: '^[1-9][0-9]*[hdw]$', examples: ['90d', '36h', '2w'] })
    .transform(parsed(parseDuration));
}

/** The empty text must be rejected: it is a prefix of every tag. */
const Alias = validText(
  'INVALID_ALIAS',
  (text) => parseTag(text) !== undefined,
  "can't be a tag",
  'write an alias such as latest, without image and colon',
)
  .meta({ pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$', examples: ['latest'] })
  .transform(parsed(parseTag));

const Entry = validText(
  'INVALID_ENTRY',
  (text) => parseAllowEntry(text) !== undefined,
  'names no image, nor versions of one',
  (text) => {
    // A full reference, without its path and without a tag beside a digest.
    const meant = text.slice(text.lastIndexOf('/') + 1).replace(/:[^:@]*@/, '@');
    return parseAllowEntry(meant) === undefined
      ? 'write image, image:tag or image@sha256:<64 hexadecimal digits>'
      : `write it as ${meant}`;
  },
)
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
    // The minimum is one: users of an image run its newest version.
    keepNewest: count(
      MOST_KEPT,
      'versions that can be kept',
      'So many versions of each image stay whatever their age, with what belongs to them, such as signatures',
    ),
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
    mostDeletedPercent: count(
      100,
      'percent',
      'With a plain registry, a clean-up that would delete a larger share of the publications deletes nothing',
    ).optional(),
    sources: z
      .array(source)
      .meta({ description: 'Whose branches use the images; [] says that no branch counts' }),
  });
}

/**
 * `config/retention.yml`, without its sources, which `parseSources` checks. What decides which versions are deleted
 * has no defaults.
 */
export const RetentionFile = retentionFile(z.unknown());

/**
 * The JSON Schema of `config/retention.yml`, for editors: pretty-printed, ending with a newline, the
 * same bytes every time. Draft 7, which the YAML language server understands best.
 */
export function retentionJsonSchema(): string {
  const whole = retentionFile(SourceShape).meta({
    title: 'Retention',
    description: 'How long the versions of the images stay in the registry',
  });
  const schema = z.toJSONSchema(whole, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
