import { z } from 'zod';
import {
  compileGlob,
  compilePattern,
  GLOB_SHAPE,
  templateGroups,
  templateText,
} from './pattern.ts';
import { isBranchName } from '../branch-name.ts';
import { addressRule } from '../catalog/repository-address.ts';
import { parseDigest, parseRepository, parseTag } from '../image-reference.ts';
import { ruled, ruledText } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';

/** The problem codes of a source's values. The codes of its shape are `ShapeCode`. */
export const SOURCE_CODES = [
  'INVALID_SOURCE_NAME',
  'INVALID_ALIAS',
  'INVALID_REPOSITORY',
  'INVALID_BRANCH',
  'INVALID_COMMIT',
  'INVALID_COUNT',
  'INVALID_PATH',
  'INVALID_GLOB',
  'INVALID_PATTERN',
  'INVALID_TEMPLATE',
  'INVALID_IGNORE',
  'INVALID_PIN',
  'DUPLICATE_ENTRY',
] as const;

/** Text under a rule. The problem of a text that is not valid is the quoted text followed by `problem`. */
export function validText(
  code: string,
  isValid: (text: string) => boolean,
  problem: string,
  remedy: string | ((text: string) => string),
): z.ZodString {
  return ruledText((text) => {
    if (isValid(text)) return undefined;
    const toDo = typeof remedy === 'string' ? remedy : remedy(text);
    return { code, problem: `${quote(text)} ${problem}`, remedy: toDo };
  });
}

/** A whole number from 1 to `most`; `what` names in problems what is counted. */
export function count(most: number, what: string, description: string): z.ZodNumber {
  const remedy = `write a whole number from 1 to ${most}, without quotes`;
  return ruled(z.number(), (value) => {
    if (Number.isInteger(value) && value >= 1 && value <= most) return undefined;
    return { code: 'INVALID_COUNT', problem: `${value} is no number of ${what}`, remedy };
  }).meta({ description, type: 'integer', minimum: 1, maximum: most });
}

const Branch = validText(
  'INVALID_BRANCH',
  isBranchName,
  "can't be a branch's name",
  'write a name such as main or release-2.31',
);

export const OnlyBranches = z.strictObject({
  only: z.array(Branch).min(1).meta({ description: 'These branches and no others' }),
});

export const NewestBranches = z.strictObject({
  default: Branch.optional().meta({
    description: "The default branch; the one that the repository's HEAD names, if left out",
  }),
  releases: validText(
    'INVALID_BRANCH',
    (text) => text.split('*').length === 2 && isBranchName(text.replace('*', '1')),
    'matches no branches by their versions',
    'write one * for the version, as in release-*',
  )
    .optional()
    .meta({
      description: 'Release branches, with one * for the version',
      examples: ['release-*'],
    }),
  // More than a hundred branches nobody supports.
  newest: count(
    100,
    'branches',
    'So many release branches are supported, by the numbers in their versions',
  ).optional(),
  except: z
    .array(Branch)
    .default([])
    .meta({
      description: 'Branches that match `releases` and are none',
      examples: [['release-231']],
    }),
  accept: z
    .array(Branch)
    .default([])
    .meta({
      description: 'Releases whose version is far from the others, or the same as that of another',
      examples: [['release-3.0']],
    }),
});

export const CatalogReaderShape = z.strictObject({
  catalog: validText(
    'INVALID_PATH',
    (text) => compileGlob(text) !== undefined && !/[*?]/.test(text),
    'is no path in a repository',
    "write the catalog's path in the repository, such as config/images.yml",
  ).meta({
    description: "The branch's own catalog: each of its images, by exact tag",
    examples: ['config/images.yml'],
  }),
});

const Glob = validText(
  'INVALID_GLOB',
  (text) => compileGlob(text) !== undefined,
  'matches no file',
  `write ${GLOB_SHAPE}`,
);

const Pattern = ruledText((text) => {
  const compiled = compilePattern(text);
  return 'pattern' in compiled ? undefined : { code: 'INVALID_PATTERN', ...compiled };
});

const Template = validText(
  'INVALID_TEMPLATE',
  (text) => /^[a-z0-9._-]*$/.test(templateText(text)) && templateGroups(text).length > 0,
  "gives no image's name",
  "write it as '${image}' or 'vm-${image}'",
);

const searchedFiles = {
  files: z
    .array(z.union([Glob, z.strictObject({ glob: Glob, optional: z.boolean() })]))
    .min(1)
    .meta({
      description:
        'Files that name images: * and ? within a name, ** for directories. Each glob must find an image on every branch, unless it is optional',
      examples: [['tests/files/*.yml', { glob: 'molecule/*.yml', optional: true }]],
    }),
  image: Template.default('${image}').meta({
    description: "The image's name, from the pattern's groups",
    examples: ['vm-${image}'],
  }),
  optional: z.boolean().default(false).meta({
    description: 'true: a branch may have no file and no reference that this finds',
  }),
  ignore: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'Lines that are left out, without the blanks at their ends',
      examples: [['cloud_image: "{{ image }}"']],
    }),
};

export const PatternReaderShape = z.strictObject({
  pattern: Pattern.meta({
    description:
      'A regular expression for a line, with a group image, and maybe groups tag and digest',
    examples: ['cloud_image:\\s*["\']?(?<image>[a-z0-9][a-z0-9.-]*)'],
  }),
  ...searchedFiles,
});

export const YamlReaderShape = z.strictObject({
  yaml: z.strictObject({
    key: z.string().min(1).meta({ description: 'The key of name, name:tag or name@digest' }),
  }),
  ...searchedFiles,
});

const Address = ruledText(addressRule);

const ImageName = validText(
  'INVALID_PIN',
  (text) => !text.includes('/') && parseRepository(text) !== undefined,
  "can't be an image's name",
  'write the name that the image has in the registry, such as debian-12',
);

const Version = validText(
  'INVALID_PIN',
  (text) => parseTag(text) !== undefined || parseDigest(text) !== undefined,
  'is neither a tag nor a digest',
  'write a tag such as v13, or sha256: and 64 hexadecimal digits',
);

const Commit = validText(
  'INVALID_COMMIT',
  (text) => /^[0-9a-f]{12,64}$/.test(text),
  'is no commit',
  'write at least 12 of its hexadecimal digits, in quotes',
).meta({ pattern: '^[0-9a-f]{12,64}$' });

function source<B extends z.ZodType, R extends z.ZodType>(branches: B, reader: R) {
  return z.strictObject({
    name: validText(
      'INVALID_SOURCE_NAME',
      (text) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 63,
      "can't be a source's name",
      'use lower-case letters and digits, separated by single dashes, 63 at most',
    ).meta({ description: 'Stands in messages', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' }),
    aliasPrefix: validText(
      'INVALID_ALIAS',
      (text) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/.test(text),
      "can't begin a tag",
      'use letters, digits, dots, dashes and underscores, 63 at most, such as kubespray-',
    )
      .meta({
        description:
          "Comes before the branch's name in its aliases; a change of it pins branches anew",
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$',
        examples: ['kubespray-'],
      })
      .exactOptional(),
    repository: Address.meta({
      description: 'A clone, by its path (relative to the checkout, or absolute), or a URL',
      examples: ['.', 'https://github.com/kubernetes-sigs/kubespray'],
    }),
    branches,
    pins: z
      .record(Branch, z.record(ImageName, Version))
      .default({})
      .meta({
        description:
          'Branch → image → tag or digest, of branches that name the image alone and shall have this version',
        examples: [{ 'release-2.31': { 'debian-12': `sha256:${'0'.repeat(64)}` } }],
      }),
    accept: z
      .array(Commit)
      .default([])
      .meta({
        description:
          'Commits of the run before, from which on a branch may need much less, or be reset',
        examples: [['46dbdd3994b3']],
      }),
    references: z.array(reader).min(1),
  });
}

/** The outer shape of a source, with what has shapes of its own still unchecked. */
export const SourceOutline = source(z.unknown(), z.unknown());

/** The whole shape in one piece, for editors. */
export const SourceShape = source(
  z.union([NewestBranches, OnlyBranches]).meta({ description: 'Which branches are supported' }),
  z.union([CatalogReaderShape, YamlReaderShape, PatternReaderShape]).meta({
    description: 'How a branch says what it needs',
  }),
);
