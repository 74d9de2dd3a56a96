import { PropertyInstruction } from 'dockerfile-ast';
import type { Property } from 'dockerfile-ast';
import { LABELS, labelsOf } from './build-arguments.ts';
import type { Kind } from './image.ts';
import { argNames, findStage, placeOf } from './dockerfile.ts';
import type { Dockerfile, DockerfileProblem, Stage } from './dockerfile.ts';

/** What a stage says about labels, up to its last line; labels and ENV pass on to stages built on it. */
interface Labelling {
  /** Label → where it was set last, and whether its build argument's value reaches it there. */
  readonly labels: Map<string, { readonly property: Property; readonly works: boolean }>;
  readonly environment: Set<string>;
  /** Build arguments declared in the stage itself: an older Docker does not pass them on. */
  readonly args: Set<string>;
}

/**
 * The stage that is built must set each label of its kind of image from its build argument, since nothing else
 * can: docker.Image sets no labels. One problem at most, with the lines that are missing.
 * `target` must be a stage of the Dockerfile; the last one by default.
 */
export function checkLabels(
  dockerfile: Dockerfile,
  target: string | undefined,
  kind?: Kind,
): readonly DockerfileProblem[] {
  const { stages } = dockerfile;
  const position = target === undefined ? stages.length - 1 : findStage(stages, target);
  const stage = position === undefined ? undefined : stages[position];
  if (stage === undefined) return [];

  const { labels, args, environment } = labellingOf(stages, stage);
  const broken = Object.entries(labelsOf(kind)).filter(
    ([label]) => labels.get(label)?.works !== true,
  );
  if (broken.length === 0) return [];
  const wrong = broken.flatMap(([label]) => labels.get(label)?.property.getRange() ?? [])[0];
  const hidden = broken.map(([, argument]) => argument).filter((name) => environment.has(name));
  const lines = broken.flatMap(([label, argument]) => [
    ...(args.has(argument) ? [] : [`ARG ${argument}`]),
    `LABEL ${label}="\${${argument}}"`,
  ]);
  const rename = hidden.length === 0 ? '' : `rename the ENV ${hidden.join(', ')}, and `;
  return [
    {
      code: 'DOCKERFILE_LABELS',
      ...placeOf(wrong ?? stage.from.getRange()),
      problem: `the stage that is built does not set ${String(broken.length)} of the labels`,
      remedy: [`${rename}add at its end`, ...lines].join('\n    '),
    },
  ];
}

function labellingOf(stages: readonly Stage[], stage: Stage): Labelling {
  const parent = stage.parent === undefined ? undefined : stages[stage.parent];
  const inherited = parent && labellingOf(stages, parent);
  const labelling: Labelling = {
    labels: new Map(inherited?.labels),
    environment: new Set(inherited?.environment),
    args: new Set(),
  };
  for (const instruction of stage.instructions) {
    for (const name of argNames(instruction)) labelling.args.add(name);
    if (!(instruction instanceof PropertyInstruction)) continue;
    for (const property of instruction.getProperties()) {
      note(labelling, instruction.getKeyword(), property);
    }
  }
  return labelling;
}

function note({ labels, environment, args }: Labelling, keyword: string, property: Property): void {
  const name = property.getName();
  // From here on the variable hides the build argument, whatever comes first.
  if (keyword === 'ENV') environment.add(name);
  if (keyword !== 'LABEL') return;
  const label = unquoted(name);
  const argument = Object.hasOwn(LABELS, label) ? LABELS[label as keyof typeof LABELS] : undefined;
  if (argument === undefined) return;
  const value = property.getUnescapedValue() ?? '';
  const isExpanded = !value.startsWith("'") && isVariable(unquoted(value), argument);
  const works = isExpanded && args.has(argument) && !environment.has(argument);
  labels.set(label, { property, works });
}

function isVariable(value: string, name: string): boolean {
  return value === `$${name}` || value === `\${${name}}`;
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
