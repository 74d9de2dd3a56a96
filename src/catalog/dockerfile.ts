import { Arg, DockerfileParser, From, Onbuild } from 'dockerfile-ast';
import type { Instruction, ParserDirective } from 'dockerfile-ast';
import { withoutSpacesInHeredocNames } from './dockerfile-syntax.ts';
import type { CatalogProblemCode } from './problem-code.ts';
import type { Position } from '../yaml/document-problem.ts';

/** A problem of a Dockerfile, with its position there. */
export interface DockerfileProblem extends Position {
  readonly code: CatalogProblemCode & `DOCKERFILE_${string}`;
  readonly problem: string;
  readonly remedy: string;
}

/** From one FROM to the next. */
export interface Stage {
  readonly from: From;
  /** In lower case, since Docker compares stage names so. */
  readonly name?: string;
  /** The index of the earlier stage that this one builds on. */
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
  readonly stages: readonly Stage[];
  /** Syntax errors. Without any there is a stage. */
  readonly problems: readonly DockerfileProblem[];
}

// Dockerfile reference, "Overview".
const KEYWORDS =
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR';
const KNOWN = new Set(KEYWORDS.split(' '));

/** Divides a Dockerfile into stages. */
export function parseDockerfile(text: string): Dockerfile {
  const parsed = DockerfileParser.parse(withoutSpacesInHeredocNames(text));
  const problems: DockerfileProblem[] = [];
  const addProblem = (range: Range, problem: string) =>
    problems.push(dockerfileProblem('SYNTAX', range, problem, 'correct the Dockerfile'));
  const preamble: Instruction[] = [];
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword();
    if (!KNOWN.has(keyword)) addProblem(instruction.getRange(), `${keyword} is unknown`);
    if (instruction instanceof From) {
      const image = instruction.getImage();
      if (image === null) addProblem(instruction.getRange(), 'FROM names no image');
      const name = instruction.getBuildStage()?.toLowerCase();
      const parent = findStage(stages, image ?? '');
      stages.push({ from: instruction, name, parent, instructions: [] });
    } else (stages.at(-1)?.instructions ?? preamble).push(instruction);
  }
  if (stages.length === 0) addProblem(null, 'there is no FROM');
  const escape = parsed.getEscapeCharacter();
  return { directives: parsed.getDirectives(), escape, preamble, stages, problems };
}

/** The index of the last stage that has a name. */
export function findStage(stages: readonly Stage[], name: string): number | undefined {
  const index = stages.findLastIndex((stage) => stage.name === name.toLowerCase());
  return index < 0 ? undefined : index;
}

/** A stage's instructions, with those of ONBUILD in its place: they run in a stage built on this one. */
export function instructionsOf({ instructions }: Stage): readonly Instruction[] {
  return instructions.map((each) =>
    each instanceof Onbuild ? (each.getTriggerInstruction() ?? each) : each,
  );
}

/** The build arguments that an instruction declares: none unless it is ARG, which may declare several. */
export function argNames(instruction: Instruction): readonly string[] {
  if (!(instruction instanceof Arg)) return [];
  // The parser's own getProperties takes `ARG A B` for an A with the value B.
  return instruction.getPropertyArguments().map((each) => each.getValue().split('=')[0] ?? '');
}

/** The parser's 0-based range; `null` for the whole file. */
export type Range = ReturnType<From['getImageRange']>;

export function dockerfileProblem(
  kind: 'SYNTAX' | 'FROM' | 'PLATFORM' | 'DOWNLOAD' | 'LABELS',
  range: Range,
  problem: string,
  remedy: string,
): DockerfileProblem {
  const { line, character } = range?.start ?? { line: 0, character: 0 };
  const position = { line: line + 1, column: character + 1 };
  return { code: `DOCKERFILE_${kind}`, ...position, problem, remedy };
}
