import { Arg, DockerfileParser, From, Onbuild, type Instruction } from 'dockerfile-ast';
import { withPlainLines } from './dockerfile-lines.ts';
import { frontEndsOf, type FrontEnd } from './front-ends.ts';
import type { CatalogProblemCode } from './problem-code.ts';
import type { Position } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';

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
  readonly frontEnds: readonly FrontEnd[];
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
  const { text: plain, unended } = withPlainLines(text);
  const parsed = DockerfileParser.parse(plain);
  const remedy = 'correct the Dockerfile';
  const problems = unended.map(({ name, ...position }): DockerfileProblem => {
    const problem = `the here-document ${quote(name)} does not end`;
    return { code: 'DOCKERFILE_SYNTAX', ...position, problem, remedy };
  });
  const addProblem = (range: Range, problem: string) =>
    problems.push(dockerfileProblem('SYNTAX', range, problem, remedy));
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
  return { frontEnds: frontEndsOf(text), escape, preamble, stages, problems };
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
