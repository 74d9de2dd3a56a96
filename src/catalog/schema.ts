import { z } from 'zod';
import { DEFAULT_PLATFORM, PLATFORMS } from './platforms.ts';
import {
  argNameRule,
  baseRule,
  maxAgeRule,
  nameRule,
  platformRule,
  snapshotRule,
  targetRule,
} from './value-rules.ts';
import type { ValueRule } from './value-rules.ts';

/** Text under a rule of ours. The rule's code and remedy travel in the issue's `params`. */
function text(rule: ValueRule) {
  return z.string().check(({ value, issues }) => {
    const flaw = rule(value);
    if (flaw === undefined) return;
    const { code, problem, remedy } = flaw;
    const params = { code, remedy };
    issues.push({ code: 'custom', input: value, message: problem, params });
  });
}

const Name = text(nameRule);
const Base = text(baseRule).meta({
  description: 'The base image, pinned: registry/repository:tag@sha256:...',
  pattern: '^[^@]+/[^@]+@sha256:[a-f0-9]{64}$',
});
const Version = z
  .string()
  .min(1)
  .meta({
    description: "The distribution's version, in quotes: 24.10 without them is the number 24.1",
    examples: ['12', '24.04'],
  });

const shared = {
  context: z
    .string()
    .min(1)
    .meta({
      description: 'The build context: a directory of the checkout',
      examples: ['config/contexts/apt'],
    }),
  dockerfile: z.string().min(1).meta({
    description: 'The Dockerfile, relative to the context',
    default: 'Dockerfile',
  }),
  args: z.record(text(argNameRule), z.string()).meta({
    description: 'Build arguments; those of an image are added to the default ones and win',
  }),
  platform: text(platformRule).meta({
    description: 'os/architecture[/variant]',
    enum: [...PLATFORMS],
    default: DEFAULT_PLATFORM,
  }),
  target: text(targetRule).meta({ description: 'The stage to build; the last one by default' }),
  snapshot: text(snapshotRule).meta({
    description: 'The package archives as of (YYYY-MM-DD); a new date forces a rebuild',
    format: 'date',
  }),
  snapshotMaxAge: text(maxAgeRule).meta({
    description: '`images refresh` moves an older snapshot to the day it runs',
    examples: ['30d', '4w'],
  }),
};

/** What applies to every image that does not say otherwise. */
export const Defaults = z.strictObject(shared).partial();

const optional = Defaults.shape;
const distribution = text(nameRule).meta({
  description: 'The distribution, in lower case',
  examples: ['debian', 'ubuntu'],
});
const name = Name.optional().meta({
  description:
    "The image's name and its repository's last part; <distribution>-<version> by default",
});

/** One version of a distribution, inside of a list of versions. */
export const VersionEntry = z.strictObject({ version: Version, base: Base, name });

/** An image of its own. */
export const SingleEntry = z.strictObject({
  distribution,
  ...VersionEntry.shape,
  ...optional,
});

function matrix<T extends z.ZodType>(version: T) {
  return z.strictObject({ distribution, versions: z.array(version).min(1), ...optional });
}

/** Several versions of a distribution that differ in version and base only; these are still unchecked. */
export const MatrixEntry = matrix(z.unknown());

function catalog<D extends z.ZodType, E extends z.ZodType>(defaults: D, entry: E) {
  return z.strictObject({ defaults: defaults.optional(), images: z.array(entry).min(1) });
}

/** The outermost shape, with all below it still unchecked, so that one mistake can't hide another. */
export const CatalogOutline = catalog(z.unknown(), z.unknown());

/** The whole shape in one piece, for editors. */
export const CatalogFile = catalog(Defaults, z.union([SingleEntry, matrix(VersionEntry)])).meta({
  title: 'Image catalog',
  description: 'What images to build; see README.md',
});

/** The keys of any part above that held what they should. */
export const Fields = z.object({ ...SingleEntry.shape, versions: z.array(z.unknown()) }).partial();
export type Fields = z.infer<typeof Fields>;
