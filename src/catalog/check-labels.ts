import { PropertyInstruction } from 'dockerfile-ast';
import type { Property } from 'dockerfile-ast';
import { LABELS, labelsOf } from './build-arguments.ts';
import type { ImageKind } from './image.ts';
import { argNames, dockerfileProblem, findStage } from './dockerfile.ts';
import type { Dockerfile, DockerfileProblem, Stage } from './dockerfile.ts';

/** The labels of a stage, up to its last line; labels and ENV pass on to stages built on it. */
interface Labelling {
  /** Label → where it was set last, and whether its build argument's value reaches it there. */
  readonly labels: Map<string, { readonly property: Property; readonly works: boolean }>;
  readonly environment: Set<string>;
  /** Build arguments declared in the stage itself: an older Docker does not pass them on. */
  readonly args: Set<string>;
}

/**
 * The stage that is built must set each label of its kind of image from its build argument: docker.Image
 * sets no labels. One problem at most, with the lines that are missing. `target` is a stage of the
 * Dockerfile, or any other name; the last stage by default.
 */
export function checkLabels(
  { stages }: Dockerfile,
  target: string | undefined,
  kind?: ImageKind,
): readonly DockerfileProblem[] {
  const index = target === undefined ? stages.length - 1 : findStage(stages, target);
  const stage = index === undefined ? undefined : stages[index];
  if (stage === undefined) return [];

  const { labels, args, environment } = labellingOf(stages, stage);
  const broken = Object.entries(labelsOf(kind)).filter(
    ([label]) => labels.get(label)?.works !== true,
  );
  if (broken.length === 0) return [];
  const [wrong] = broken.flatMap(([label]) => labels.get(label)?.property.getRange() ?? []);
  const hidden = broken.map(([, argument]) => argument).filter((name) => environment.has(name));
  const lines = broken.flatMap(([label, argument]) => [
    ...(args.has(argument) ? [] : [`ARG ${argument}`]),
    `LABEL ${label}="\${${argument}}"`,
  ]);
  const rename = hidden.length === 0 ? '' : `rename the ENV ${hidden.join(', ')}, and `;
  const problem = `the stage that is built does not set ${broken.length} of the labels`;
  const remedy = [`${rename}add at its end`, ...lines].join('\n    ');
  return [dockerfileProblem('LABELS', wrong ?? stage.from.getRange(), problem, remedy)];
}

function labellingOf(stages: readonly Stage[], { parent, instructions }: Stage): Labelling {
  const base = parent === undefined ? undefined : stages[parent];
  const inherited = base && labellingOf(stages, base);
  const labels = new Map(inherited?.labels);
  const environment = new Set(inherited?.environment);
  const args = new Set<string>();
  for (const instruction of instructions) {
    for (const name of argNames(instruction)) args.add(name);
    if (!(instruction instanceof PropertyInstruction)) continue;
    const keyword = instruction.getKeyword();
    for (const property of instruction.getProperties()) {
      // From here on, the variable hides the build argument of its name.
      if (keyword === 'ENV') environment.add(property.getName());
      const label = unquoted(property.getName());
      const argument = Object.entries(LABELS).find(([known]) => known === label)?.[1];
      if (keyword !== 'LABEL' || argument === undefined) continue;
      const value = property.getUnescapedValue() ?? '';
      const isExpanded = [`$${argument}`, `\${${argument}}`].includes(unquoted(value));
      const isPassed = args.has(argument) && !environment.has(argument);
      labels.set(label, { property, works: isExpanded && isPassed && !value.startsWith("'") });
    }
  }
  return { labels, environment, args };
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
