import { DockerfileParser, Onbuild } from 'dockerfile-ast';
import type { Arg, From, Instruction, ParserDirective } from 'dockerfile-ast';
import { withoutSpacesInHeredocNames } from './dockerfile-syntax.ts';
import type { CatalogProblemCode } from './problem-code.ts';

/** A problem of a Dockerfile, with its place there: 1-based line and column. */
export interface DockerfileProblem {
  readonly code: CatalogProblemCode & `DOCKERFILE_${string}`;
  readonly line: number;
  readonly column: number;
  readonly problem: string;
  readonly remedy: string;
}

/** From one FROM to the next. */
export interface Stage {
  readonly from: From;
  /** In lower case, since Docker compares stage names so. */
  readonly name?: string;
  /** The position of the earlier stage that this one builds on. */
  readonly parent?: number;
  /** All but the FROM itself. */
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  readonly directives: readonly ParserDirective[];
  /** The letter that continues a line. */
  readonly escape: string;
  /** What stands before the first FROM; only ARG may. */
  readonly preamble: readonly Instruction[];
  /** Never empty. */
  readonly stages: readonly Stage[];
}

// Dockerfile reference, "Overview".
const KEYWORDS =
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR';
const KNOWN = new Set(KEYWORDS.split(' '));

/** Divides a Dockerfile into stages, or says why that can't be done. */
export function parseDockerfile(
  text: string,
): { readonly dockerfile: Dockerfile } | { readonly problems: readonly DockerfileProblem[] } {
  const parsed = DockerfileParser.parse(withoutSpacesInHeredocNames(text));
  const instructions = parsed.getInstructions();
  const problems = instructions
    .filter((instruction) => !KNOWN.has(instruction.getKeyword()))
    .map((instruction) => syntaxProblem(instruction, `${instruction.getKeyword()} is unknown`));

  const stages: Stage[] = [];
  const preamble: Instruction[] = [];
  for (const instruction of instructions) {
    if (isFrom(instruction)) {
      if (instruction.getImage() === null) {
        problems.push(syntaxProblem(instruction, 'FROM names no image'));
      }
      stages.push(startStage(instruction, instructions, stages));
    } else if (stages.length === 0) preamble.push(instruction);
  }
  if (stages.length === 0) problems.push(syntaxProblem(undefined, 'there is no FROM'));
  if (problems.length > 0) return { problems };
  const escape = parsed.getEscapeCharacter();
  return { dockerfile: { directives: parsed.getDirectives(), escape, preamble, stages } };
}

function startStage(
  from: From,
  instructions: readonly Instruction[],
  before: readonly Stage[],
): Stage {
  const start = instructions.indexOf(from) + 1;
  const length = instructions.slice(start).findIndex(isFrom);
  const name = from.getBuildStage()?.toLowerCase();
  const parent = findStage(before, from.getImage() ?? '');
  return {
    from,
    instructions: instructions.slice(start, length < 0 ? undefined : start + length),
    name,
    parent,
  };
}

/** The position of the last stage that has a name. */
export function findStage(stages: readonly Stage[], name: string): number | undefined {
  const position = stages.findLastIndex((stage) => stage.name === name.toLowerCase());
  return position < 0 ? undefined : position;
}

/** A stage's instructions, with those of ONBUILD in its place: they run in a stage built on this one. */
export function instructionsOf({ instructions }: Stage): readonly Instruction[] {
  return instructions.map((each) =>
    each instanceof Onbuild ? (each.getTriggerInstruction() ?? each) : each,
  );
}

export function isFrom(instruction: Instruction): instruction is From {
  return instruction.getKeyword() === 'FROM';
}

/** The build arguments that an instruction declares: none unless it is ARG, which may declare several. */
export function argNames(instruction: Instruction): readonly string[] {
  if (!isArg(instruction)) return [];
  // The parser's own getProperties takes `ARG A B` for an A with the value B.
  return instruction.getPropertyArguments().map((each) => each.getValue().split('=')[0] ?? '');
}

function isArg(instruction: Instruction): instruction is Arg {
  return instruction.getKeyword() === 'ARG';
}

/** 1-based, from the parser's 0-based range. */
export function placeOf(range: { start: { line: number; character: number } } | null): {
  line: number;
  column: number;
} {
  if (range === null) return { line: 1, column: 1 };
  return { line: range.start.line + 1, column: range.start.character + 1 };
}

function syntaxProblem(instruction: Instruction | undefined, problem: string): DockerfileProblem {
  const place = placeOf(instruction?.getRange() ?? null);
  return { code: 'DOCKERFILE_SYNTAX', ...place, problem, remedy: 'correct the Dockerfile' };
}
