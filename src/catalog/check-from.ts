import { Copy, ModifiableInstruction } from 'dockerfile-ast';
import type { Instruction } from 'dockerfile-ast';
import { quote } from '../document/wording.ts';
import { argNames, findStage, placeOf } from './dockerfile.ts';
import type { Dockerfile, DockerfileFinding, Stage } from './dockerfile.ts';

type Range = Parameters<typeof placeOf>[0];

const BASE = /^\$(?:BASE|\{BASE\})$/;
const PINNED = /^[^$]+@sha256:[a-f0-9]{64}$/;

/**
 * Every image that a Dockerfile takes something from must be known before it is built: the base image
 * that the catalog pins, an earlier stage, nothing at all (`scratch`), or an image pinned by digest. So
 * must the front end of a `# syntax=` line, which is an image too.
 */
export function checkFrom(dockerfile: Dockerfile): readonly DockerfileFinding[] {
  const { directives, preamble, stages } = dockerfile;
  const baseDeclared = preamble.flatMap(argNames).includes('BASE');
  const syntax = directives
    .filter((each) => each.getName().toLowerCase() === 'syntax' && !PINNED.test(each.getValue()))
    .map((each) =>
      finding(each.getValueRange(), each.getValue(), 'pin it by digest or delete the line'),
    );
  return [
    ...syntax,
    ...stages.flatMap((stage) => checkFromLine(stage, baseDeclared)),
    ...stages.flatMap((stage, position) => checkCopies(stage, stages.slice(0, position))),
  ];
}

function checkFromLine({ from, parent }: Stage, baseDeclared: boolean): DockerfileFinding[] {
  const image = from.getImage() ?? '';
  const range = from.getImageRange();
  if (parent !== undefined || image === 'scratch' || PINNED.test(image)) return [];
  if (!BASE.test(image)) {
    return [
      finding(range, image, 'use ${BASE}, an earlier stage, scratch or an image with @sha256:...'),
    ];
  }
  if (baseDeclared) return [];
  const problem = 'BASE is used and not declared';
  const remedy = 'put ARG BASE before the first FROM';
  return [{ code: 'DOCKERFILE_FROM', ...placeOf(range), problem, remedy }];
}

/** `COPY --from=` and `RUN --mount=from=`: a stage by name or position, or a pinned image. */
function checkCopies(stage: Stage, earlier: readonly Stage[]): DockerfileFinding[] {
  return stage.instructions.flatMap(sourcesOf).flatMap(({ image, range }) => {
    const isStage =
      findStage(earlier, image) !== undefined ||
      (/^\d+$/.test(image) && Number(image) < earlier.length);
    if (isStage || PINNED.test(image)) return [];
    return [finding(range, image, 'use an earlier stage or an image with @sha256:...')];
  });
}

function sourcesOf(instruction: Instruction): { image: string; range: Range }[] {
  if (!(instruction instanceof ModifiableInstruction)) return [];
  return instruction.getFlags().flatMap((flag) => {
    if (instruction instanceof Copy && flag.getName() === 'from') {
      return [{ image: flag.getValue() ?? '', range: flag.getRange() }];
    }
    if (flag.getName() !== 'mount') return [];
    const image = flag.getOption('from')?.getValue();
    return image === undefined || image === null ? [] : [{ image, range: flag.getRange() }];
  });
}

function finding(range: Range, image: string, remedy: string): DockerfileFinding {
  const problem = `${quote(image)} may be another image tomorrow`;
  return { code: 'DOCKERFILE_FROM', ...placeOf(range), problem, remedy };
}
