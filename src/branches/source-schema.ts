import { z } from 'zod';
import {
  branchRule,
  catalogPathRule,
  globRule,
  MOST_RELEASES,
  newestRule,
  patternRule,
  releasesRule,
  repositoryRule,
  sourceNameRule,
  templateRule,
  aliasPrefixRule,
} from './source-rules.ts';
import { ruled, ruledText } from '../yaml/document-problem.ts';

/** These branches and no others. */
export const OnlyBranches = z.strictObject({
  only: z.array(ruledText(branchRule)).min(1).meta({ description: 'These branches and no others' }),
});

/** The default branch, and maybe releases. */
export const NewestBranches = z.strictObject({
  default: ruledText(branchRule).optional().meta({
    description: "The default branch; the one that the repository's HEAD names, if left out",
  }),
  releases: ruledText(releasesRule)
    .optional()
    .meta({
      description: 'Release branches, with one * for the version',
      examples: ['release-*'],
    }),
  newest: ruled(z.number(), newestRule).optional().meta({
    description: 'So many release branches are supported, by the numbers in their versions',
    type: 'integer',
    minimum: 1,
    maximum: MOST_RELEASES,
  }),
});

export const CatalogReaderShape = z.strictObject({
  catalog: ruledText(catalogPathRule).meta({
    description: "The branch's own catalog: each of its images, by exact tag",
    examples: ['config/images.yml'],
  }),
});

export const PatternReaderShape = z.strictObject({
  files: z
    .array(ruledText(globRule))
    .min(1)
    .meta({
      description: 'Files that name images: * and ? within a name, ** for directories',
      examples: [['tests/files/*.yml']],
    }),
  pattern: ruledText(patternRule).meta({
    description: 'A regular expression for a line, with a group image and maybe a group tag',
    examples: ['cloud_image:\\s*["\']?(?<image>[a-z0-9][a-z0-9.-]*)'],
  }),
  image: ruledText(templateRule)
    .default('${image}')
    .meta({
      description: "The image's name, from the pattern's groups",
      examples: ['vm-${image}'],
    }),
});

function source<B extends z.ZodType, R extends z.ZodType>(branches: B, reader: R) {
  return z.strictObject({
    name: ruledText(sourceNameRule).meta({
      description: 'Stands in messages',
      pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
    }),
    aliasPrefix: ruledText(aliasPrefixRule)
      .meta({
        description:
          "Comes before the branch's name in its aliases; a change of it pins branches anew",
        pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$',
        examples: ['kubespray-'],
      })
      .exactOptional(),
    repository: ruledText(repositoryRule).meta({
      description: 'A clone, by its path (relative to the checkout, or absolute), or a URL',
      examples: ['.', 'https://github.com/kubernetes-sigs/kubespray'],
    }),
    branches,
    references: z.array(reader).min(1),
  });
}

/** The outer shape of a source, with what has shapes of its own still unchecked. */
export const SourceOutline = source(z.unknown(), z.unknown());

/** The whole shape in one piece, for editors. */
export const SourceShape = source(
  z.union([NewestBranches, OnlyBranches]).meta({ description: 'Which branches are supported' }),
  z.union([CatalogReaderShape, PatternReaderShape]).meta({
    description: 'How a branch says what it needs',
  }),
);
