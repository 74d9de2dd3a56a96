import { z } from 'zod';
import * as diskRules from './disk-rules.ts';
import {
  CONTENTS,
  DEFAULT_KIND,
  type ImageKind,
  DEFAULT_PLATFORM,
  DISK_FORMATS,
  IMPORT_ORIGINS,
  PACKINGS,
} from './image.ts';
import { addressRule } from './repository-address.ts';
import * as rules from './value-rules.ts';
import { PLATFORMS } from '../platforms.ts';
import { ruled, ruledText } from '../yaml/document-problem.ts';

/** The kind of an image, one of `kinds`. */
export function kindAmong(kinds: readonly ImageKind[]) {
  return ruledText(diskRules.kindRule).meta({
    description:
      'container, built on a base image; vm-disk, made from a published disk; copy, of an image that was built elsewhere',
    enum: [...kinds],
    default: DEFAULT_KIND,
  });
}

export const distribution = ruledText(rules.nameRule).meta({
  description: 'The distribution, in lower case',
  examples: ['debian', 'ubuntu'],
});

export const version = z
  .string()
  .min(1)
  .meta({
    description: "The distribution's version, in quotes: 24.10 without them is the number 24.1",
    examples: ['12', '24.04'],
  });

export const name = ruledText(rules.nameRule).optional().meta({
  description:
    "The image's name and its repository's last part; <distribution>-<version> by default, and for the disk of a VM vm-<distribution>-<version without dots>",
});

export const base = ruledText(rules.baseRule).meta({
  description: 'The base image, pinned: registry/repository:tag@sha256:...',
  pattern: '^[^@]+/[^@]+@sha256:[a-f0-9]{64}$',
});

export const from = ruledText(rules.fromRule).meta({
  description: 'The image that is copied, pinned: registry/repository:tag@sha256:...',
  pattern: '^[^@]+/[^@]+@sha256:[a-f0-9]{64}$',
});

export const adopt = ruledText(rules.digestRule).optional().meta({
  description:
    'A digest that counts as the image of these build inputs, though its labels do not say so; see infra/TROUBLESHOOTING.md',
  pattern: '^sha256:[a-f0-9]{64}$',
});

export const url = ruledText(diskRules.urlRule).meta({
  description: 'Where the disk is published: the address of one build, that stays what it is',
  format: 'uri',
  pattern: '^https?://',
});

export const checksum = ruledText(diskRules.checksumRule).meta({
  description: 'Of the file at url as it is downloaded: sha256:... or sha512:...',
  pattern: '^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$',
});

export const importedFrom = ruledText(diskRules.originRule)
  .optional()
  .meta({
    description:
      'The list that the disk is imported from; `images import` writes (gone) behind it once the list has it no longer',
    enum: [...IMPORT_ORIGINS],
  });

/** Where a list of disks is. */
export const imports = z
  .array(
    z.strictObject({
      list: ruledText(diskRules.listRule).meta({
        description: 'The list, which decides its shape',
        enum: [...diskRules.LISTS],
      }),
      repository: ruledText(addressRule).meta({
        description: 'A URL that git fetches from, or the path of a clone',
        examples: ['https://github.com/kubernetes-sigs/kubespray'],
      }),
      branch: ruledText(rules.branchRule).optional().meta({
        description: "The branch; the one that the repository's HEAD names, if left out",
      }),
      path: ruledText(rules.pathRule).optional().meta({
        description: "The list's file in the repository; where Kubespray has it, if left out",
      }),
      except: z
        .array(z.string().min(1))
        .optional()
        .meta({
          description: 'Keys of the list that are left out',
          examples: [['debian-10']],
        }),
    }),
  )
  .min(1)
  .meta({ description: 'Lists of disks that `images refresh` compares the catalog with' });

const platformName = ruledText(rules.platformRule).meta({
  description: 'os/architecture[/variant]',
  enum: [...PLATFORMS],
});

export const disks = ruled(
  z.record(platformName, z.strictObject({ url, checksum })),
  rules.someDiskRule,
).meta({
  description: 'The published disk of each platform, where there are several',
  minProperties: 1,
});

/** The keys of any image's build. */
export const recipe = {
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
  args: ruled(
    z.record(ruledText(rules.argNameRule), z.string()),
    ({ BUILDKIT_SYNTAX: frontEnd }) =>
      frontEnd === undefined ? undefined : rules.frontEndRule(frontEnd),
    ['BUILDKIT_SYNTAX'],
  ).meta({
    description: 'Build arguments; those of an image are added to the default ones and win',
  }),
  platform: platformName.meta({
    description: 'The platform of an image that has one: os/architecture[/variant]',
    enum: [...PLATFORMS],
    default: DEFAULT_PLATFORM,
  }),
  target: ruledText(rules.targetRule).meta({
    description: 'The stage to build; the last one by default',
  }),
};

const platforms = ruled(z.array(platformName).min(1), rules.differentPlatformsRule).meta({
  description:
    'The platforms of an image that has several, each of them in its base, or in what it is copied from',
  uniqueItems: true,
  examples: [['linux/amd64', 'linux/arm64']],
});

/** How a container is verified. */
const start = {
  verify: z
    .array(ruledText(rules.commandRule))
    .min(1)
    .meta({
      description:
        'Shell commands that have to succeed in a started container for it to be up; by default its systemd has to say so',
      examples: [['containerd --version', 'systemctl is-active ssh']],
    }),
  verifyPrivileged: z.boolean().meta({
    description:
      'Whether its container is privileged when it is verified, as systemd may need: it can then take over the machine',
    default: false,
  }),
};

/** The optional keys of copies. */
export const ofCopies = {
  holds: ruledText(rules.holdsRule).meta({
    description: 'What the copied image is: a container, or the disk of a VM, as KubeVirt has it',
    enum: [...CONTENTS],
    default: 'container',
  }),
  platform: recipe.platform,
  platforms,
  ...start,
};

/** The optional keys of containers. */
export const ofContainers = {
  platforms,
  snapshot: ruledText(rules.snapshotRule).meta({
    description: 'The package archives as of (YYYY-MM-DD); a new date forces a rebuild',
    format: 'date',
  }),
  snapshotMaxAge: ruledText(rules.maxAgeRule).meta({
    description: '`images refresh` moves an older snapshot to the day it runs',
    examples: ['30d', '4w'],
  }),
  ...start,
};

/** The optional keys of VM disks. */
export const ofDisks = {
  packing: ruledText(diskRules.packingRule).meta({
    description: 'How the file at url is packed; not at all by default',
    enum: [...PACKINGS],
  }),
  format: ruledText(diskRules.formatRule).meta({
    description: 'What the disk is before its conversion to qcow2, unpacked',
    enum: [...DISK_FORMATS],
    default: 'qcow2',
  }),
  enlargeBy: ruledText(diskRules.sizeRule).meta({
    description: "What is added to the disk's virtual size",
    examples: ['8G', '512M'],
  }),
};
