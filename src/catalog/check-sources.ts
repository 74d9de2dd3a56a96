import { ModifiableInstruction, type Instruction } from 'dockerfile-ast';
import { splitFlags, mountSources } from './dockerfile-syntax.ts';
import {
  argNames,
  findStage,
  instructionsOf,
  placeOf,
  type Dockerfile,
  type DockerfileProblem,
  type Stage,
} from './dockerfile.ts';
import { quote } from '../yaml/wording.ts';

type Range = Parameters<typeof placeOf>[0];

const BASE = /^\$(?:BASE|\{BASE\})$/;
const PLATFORM = /^\$(?:BUILDPLATFORM|TARGETPLATFORM|\{(?:BUILDPLATFORM|TARGETPLATFORM)\})$/;
const PINNED = /^[^$]+@sha256:[a-f0-9]{64}$/;

/**
 * Every image that a Dockerfile takes something from must be known before it is built: the base image
 * that the catalog pins, an earlier stage, nothing at all (`scratch`), or an image pinned by digest. So
 * must the front end of a `# syntax=` line, which is an image too. `hasBase` says whether the catalog
 * pins a base image for all that is built from it, which it does not for a VM disk.
 */
export function checkFrom(dockerfile: Dockerfile, hasBase = true): readonly DockerfileProblem[] {
  const { directives, escape, preamble, stages } = dockerfile;
  const baseDeclared = preamble.flatMap(argNames).includes('BASE');
  const syntax = directives
    .filter((each) => each.getName().toLowerCase() === 'syntax' && !PINNED.test(each.getValue()))
    .map((each) =>
      fromProblem(each.getValueRange(), each.getValue(), 'pin it by digest or delete the line'),
    );
  return [
    ...syntax,
    ...stages.flatMap((stage) => checkFromLine(stage, baseDeclared, hasBase)),
    ...stages.flatMap((stage) => checkPlatform(stage, escape)),
    ...stages.flatMap((stage, position) => checkCopies(stage, stages.slice(0, position), escape)),
  ];
}

function checkFromLine(
  { from, parent }: Stage,
  baseDeclared: boolean,
  hasBase: boolean,
): DockerfileProblem[] {
  const image = from.getImage() ?? '';
  const range = from.getImageRange();
  if (parent !== undefined || image === 'scratch' || PINNED.test(image)) return [];
  if (!BASE.test(image)) {
    return [
      fromProblem(
        range,
        image,
        'use ${BASE}, an earlier stage, scratch or an image with @sha256:...',
      ),
    ];
  }
  if (!hasBase) {
    const problem = 'a vm-disk has no base image';
    return [{ code: 'DOCKERFILE_FROM', ...placeOf(range), problem, remedy: 'use scratch' }];
  }
  if (baseDeclared) return [];
  const problem = 'BASE is used and not declared';
  const remedy = 'put ARG BASE before the first FROM';
  return [{ code: 'DOCKERFILE_FROM', ...placeOf(range), problem, remedy }];
}

/** The catalog says what platform an image is for; another one here would contradict it. */
function checkPlatform({ from }: Stage, escape: string): DockerfileProblem[] {
  const { flags } = splitFlags(from.getTextContent(), escape);
  return flags.flatMap(({ name, value }, position): DockerfileProblem[] => {
    if (name !== 'platform' || PLATFORM.test(value)) return [];
    const problem = `the catalog says the platform, and ${quote(value)} may be another one`;
    const remedy = 'delete it, or use $TARGETPLATFORM or $BUILDPLATFORM';
    return [
      { code: 'DOCKERFILE_PLATFORM', ...placeOf(flagRange(from, position)), problem, remedy },
    ];
  });
}

/** `COPY --from=` and `RUN --mount=from=`: a stage by name or position, or a pinned image. */
function checkCopies(stage: Stage, earlier: readonly Stage[], escape: string): DockerfileProblem[] {
  const sources = instructionsOf(stage).flatMap((instruction) => sourcesOf(instruction, escape));
  return sources.flatMap(({ image, range }) => {
    const isStage =
      findStage(earlier, image) !== undefined ||
      (/^\d+$/.test(image) && Number(image) < earlier.length);
    if (isStage || PINNED.test(image)) return [];
    return [fromProblem(range, image, 'use an earlier stage or an image with @sha256:...')];
  });
}

function sourcesOf(instruction: Instruction, escape: string): { image: string; range: Range }[] {
  const { flags } = splitFlags(instruction.getTextContent(), escape);
  return flags.flatMap(({ name, value }, position) => {
    const images =
      name === 'mount'
        ? mountSources(value)
        : instruction.getKeyword() === 'COPY' && name === 'from'
          ? [value]
          : [];
    return images.map((image) => ({ image, range: flagRange(instruction, position) }));
  });
}

/** Where a flag stands; of the instruction where the parser counts its flags differently. */
function flagRange(instruction: Instruction, position: number): Range {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : [];
  return flags[position]?.getRange() ?? instruction.getRange();
}

function fromProblem(range: Range, image: string, remedy: string): DockerfileProblem {
  const problem = `${quote(image)} may be another image tomorrow`;
  return { code: 'DOCKERFILE_FROM', ...placeOf(range), problem, remedy };
}

const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)/i;
const AT_COMMIT = /#(?:[a-f0-9]{40}|[a-f0-9]{64})(?::|$)/;

/**
 * What `ADD` downloads must be known before: by `--checksum`, or a repository by its commit. A variable
 * could be anything, so it counts as an address.
 */
export function checkDownloads(dockerfile: Dockerfile): readonly DockerfileProblem[] {
  return dockerfile.stages.flatMap((stage) =>
    instructionsOf(stage).flatMap((instruction) => checkAdd(instruction, dockerfile.escape)),
  );
}

function checkAdd(instruction: Instruction, escape: string): readonly DockerfileProblem[] {
  if (instruction.getKeyword() !== 'ADD') return [];
  const { flags, rest } = splitFlags(instruction.getTextContent(), escape);
  if (flags.some(({ name, value }) => name === 'checksum' && value !== '')) return [];
  const sources = wordsOf(rest).slice(0, -1);
  const place = placeOf(instruction.getRange());
  return sources
    .filter((source) => source.startsWith('$') || (ADDRESS.test(source) && !AT_COMMIT.test(source)))
    .map((source): DockerfileProblem => {
      const problem = `what ADD finds at ${quote(source)} may be something else tomorrow`;
      const remedy = source.startsWith('$')
        ? 'use COPY for what is in the context'
        : 'download it in a RUN that compares its checksum, or add --checksum=sha256:...';
      return { code: 'DOCKERFILE_DOWNLOAD', ...place, problem, remedy };
    });
}

/** The words of `a "b" /` and of `["a", "b", "/"]`. */
function wordsOf(text: string): readonly string[] {
  const words = /^\s*\[/.test(text) ? text.split(/[\s,[\]]+/) : text.split(/\s+/);
  return words.map((word) => word.replaceAll(/["']/g, '')).filter((word) => word !== '');
}
