import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  isList,
  isObject,
  UNKNOWN,
  type Difference,
  type Properties,
  type PropertyValue,
  type ResourceType,
} from '../../../oci/protocol/resource-type.ts';
import { checkImage } from './check-image.ts';
import { parseImageInputs, valueAt } from './image-inputs.ts';
import { publishImage, type PublishContext } from './publish-image.ts';
import type { RunDocker } from './run-docker.ts';

/**
 * `docker:index/image:Image`, as the official plug-in behaves. The id is the name of the first push. A read
 * does not look into the registry (the publication notices an image that vanished there), and a deletion
 * takes nothing from it.
 */
export function imageResource(
  run: RunDocker,
  daemon: () => Readonly<Record<string, string>>,
): ResourceType {
  return {
    check: ({ news, log }) => checkImage(news, log),
    diff: ({ oldInputs, news }) => diffImage(oldInputs, news),
    async create({ inputs, preview, log, signal }) {
      const outputs = await outputsOf(inputs, preview, { run, daemon: daemon(), log, signal });
      const id = valueAt(inputs, 'imageName');
      return { id: typeof id === 'string' ? id : '', outputs };
    },
    update: ({ news, preview, log, signal }) =>
      outputsOf(news, preview, { run, daemon: daemon(), log, signal }),
  };
}

async function outputsOf(
  inputs: Properties,
  preview: boolean,
  context: PublishContext,
): Promise<Properties> {
  const planned = plannedOutputs(inputs);
  if (preview) return planned;
  return { ...planned, repoDigest: await publishImage(parseImageInputs(inputs), context) };
}

/** The outputs before any build: all but `repoDigest`. Outputs of unknown inputs are unknown. */
function plannedOutputs(inputs: Properties): Properties {
  const imageName = valueAt(inputs, 'imageName') ?? '';
  const context = valueAt(inputs, 'build.context') ?? '.';
  const dockerfile = valueAt(inputs, 'build.dockerfile') ?? 'Dockerfile';
  const areKnown = typeof context === 'string' && typeof dockerfile === 'string';
  return {
    baseImageName: imageName,
    context,
    // Relative to the context, unlike the input of the same name.
    dockerfile: areKnown ? relative(context, dockerfile) : UNKNOWN,
    imageName,
    platform: valueAt(inputs, 'build.platform') ?? UNKNOWN,
    registryServer: valueAt(inputs, 'registry.server') ?? '',
    repoDigest: UNKNOWN,
  };
}

/**
 * Compares the inputs of the last run with the new ones, by top-level property. Nothing ever replaces
 * an image: under a new name it is built and pushed again, and the old name stays in the registry.
 */
export function diffImage(oldInputs: Properties, news: Properties): Difference {
  const before = withoutNulls(oldInputs);
  const after = withoutNulls(news);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) =>
    name === 'registry'
      ? isOtherRegistry(before[name], after[name])
      : !isDeepStrictEqual(before[name], after[name]),
  );
  return { changed };
}

/** A new user name or password alone (they may be short-lived) is no reason to build again. */
function isOtherRegistry(before?: PropertyValue, after?: PropertyValue): boolean {
  if (!isObject(before) || !isObject(after)) return !isDeepStrictEqual(before, after);
  return !isDeepStrictEqual(before['server'], after['server']);
}

function withoutNulls(properties: Properties): Properties {
  const present = Object.entries(properties).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, cleaned(value)]));
}

function cleaned(value: PropertyValue): PropertyValue {
  if (isList(value)) return value.map(cleaned);
  return isObject(value) ? withoutNulls(value) : value;
}
