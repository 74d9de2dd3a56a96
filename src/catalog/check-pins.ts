import { ModifiableInstruction, type Instruction } from 'dockerfile-ast';
import { isPinned } from './front-ends.ts';
import { mountedImages, splitFlags, wordsOf } from './dockerfile-syntax.ts';
import {
  argNames,
  dockerfileProblem,
  findStage,
  instructionsOf,
  type Dockerfile,
  type DockerfileProblem,
  type Range,
  type Stage,
} from './dockerfile.ts';
import { quote } from '../yaml/wording.ts';

const BASE = /^\$(?:BASE|\{BASE\})$/;
const PLATFORM = /^\$(?:BUILDPLATFORM|TARGETPLATFORM|\{(?:BUILDPLATFORM|TARGETPLATFORM)\})$/;

/**
 * Checks that each image a Dockerfile uses is known before the build: the base image that the catalog
 * pins, an earlier stage, `scratch`, or an image pinned by digest. `hasBase` says whether the catalog pins a base image for all that is built from the
 * Dockerfile, which it does not for a VM disk.
 */
export function checkFrom(dockerfile: Dockerfile, hasBase = true): readonly DockerfileProblem[] {
  const { escape, preamble, stages } = dockerfile;
  const isBaseDeclared = preamble.flatMap(argNames).includes('BASE');
  return [
    ...stages.flatMap((stage) => checkFromLine(stage, isBaseDeclared, hasBase)),
    ...stages.flatMap((stage) => checkPlatform(stage, escape)),
    ...stages.flatMap((stage, index) => checkCopies(stage, stages.slice(0, index), escape)),
  ];
}

function checkPinned(image: string, range: Range, remedy: string): readonly DockerfileProblem[] {
  if (isPinned(image)) return [];
  return [dockerfileProblem('FROM', range, unpinned(image), remedy)];
}

function unpinned(image: string): string {
  return `${quote(image)} may be another image tomorrow`;
}

/** Checks that each front end is pinned by digest. It decides what everything else in the file means. */
export function checkFrontEnds({ frontEnds }: Dockerfile): readonly DockerfileProblem[] {
  return frontEnds.flatMap(({ image, line, column }): DockerfileProblem[] => {
    if (isPinned(image)) return [];
    const remedy = 'pin it by digest or delete the line';
    return [{ code: 'DOCKERFILE_FROM', line, column, problem: unpinned(image), remedy }];
  });
}

function checkFromLine(
  { from, parent }: Stage,
  isBaseDeclared: boolean,
  hasBase: boolean,
): readonly DockerfileProblem[] {
  const image = from.getImage() ?? '';
  const range = from.getImageRange();
  if (parent !== undefined || image === 'scratch') return [];
  if (!BASE.test(image)) {
    const remedy = 'use ${BASE}, an earlier stage, scratch or an image with @sha256:...';
    return checkPinned(image, range, remedy);
  }
  if (!hasBase) {
    return [dockerfileProblem('FROM', range, 'a vm-disk has no base image', 'use scratch')];
  }
  if (isBaseDeclared) return [];
  const remedy = 'put ARG BASE before the first FROM';
  return [dockerfileProblem('FROM', range, 'BASE is used and not declared', remedy)];
}

/** The catalog names the platform of an image. Another one here would contradict it. */
function checkPlatform({ from }: Stage, escape: string): readonly DockerfileProblem[] {
  const { flags } = splitFlags(from.getTextContent(), escape);
  return flags.flatMap(({ name, value }, index) => {
    if (name !== 'platform' || PLATFORM.test(value)) return [];
    const problem = `the catalog says the platform, and ${quote(value)} may be another one`;
    const remedy = 'delete it, or use $TARGETPLATFORM or $BUILDPLATFORM';
    return [dockerfileProblem('PLATFORM', flagRange(from, index), problem, remedy)];
  });
}

/** `COPY --from=` and `RUN --mount=from=`: a stage by name or index, or a pinned image. */
function checkCopies(
  stage: Stage,
  earlier: readonly Stage[],
  escape: string,
): readonly DockerfileProblem[] {
  const isStage = (image: string) =>
    findStage(earlier, image) !== undefined ||
    (/^\d+$/.test(image) && Number(image) < earlier.length);
  return instructionsOf(stage).flatMap((instruction) => {
    const isCopy = instruction.getKeyword() === 'COPY';
    const { flags } = splitFlags(instruction.getTextContent(), escape);
    return flags.flatMap(({ name, value }, index) => {
      const copied = isCopy && name === 'from' ? [value] : [];
      const images = name === 'mount' ? mountedImages(value) : copied;
      const remedy = 'use an earlier stage or an image with @sha256:...';
      return images
        .filter((image) => !isStage(image))
        .flatMap((image) => checkPinned(image, flagRange(instruction, index), remedy));
    });
  });
}

/** The range of a flag; of the instruction where the parser counts its flags differently. */
function flagRange(instruction: Instruction, index: number): Range {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : [];
  return flags[index]?.getRange() ?? instruction.getRange();
}

/** Addresses that BuildKit downloads from, the last kind by SSH (`ParseURL` of its gitutil). */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|[\w-]+@[a-z0-9.-]+:)/i;
/** A web address without .git is one file, and what is behind its # is never sent. */
const AT_COMMIT =
  /^(?:https?:\/\/[^?#]*\.git#|(?!https?:)[^#]*#)(?:[a-f0-9]{40}|[a-f0-9]{64})(?::|$)/i;
const VARIABLE = /\$(?:\w+|\{[^}]*\})/g;

/**
 * Checks that each download of `ADD` is pinned: by `--checksum`, or a repository by its commit. A variable
 * could be anything, so it counts as an address.
 */
export function checkDownloads({ stages, escape }: Dockerfile): readonly DockerfileProblem[] {
  const isUnpinned = (file: string) =>
    file.startsWith('$') || (ADDRESS.test(file.replaceAll(VARIABLE, '')) && !AT_COMMIT.test(file));
  return stages.flatMap(instructionsOf).flatMap((instruction) => {
    if (instruction.getKeyword() !== 'ADD') return [];
    const { flags, rest } = splitFlags(instruction.getTextContent(), escape);
    if (flags.some(({ name, value }) => name === 'checksum' && value !== '')) return [];
    const files = wordsOf(rest, escape).slice(0, -1);
    return files.filter(isUnpinned).map((file) => {
      const problem = `what ADD finds at ${quote(file)} may be something else tomorrow`;
      const remedy = file.startsWith('$')
        ? 'use COPY for what is in the context'
        : 'download it in a RUN that compares its checksum, or add --checksum=sha256:...';
      return dockerfileProblem('DOWNLOAD', instruction.getRange(), problem, remedy);
    });
  });
}
