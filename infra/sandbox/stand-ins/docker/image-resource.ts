import {
  isList,
  isObject,
  type Properties,
  type ResourceType,
  UNKNOWN,
  type Difference,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { checkImage } from './check-image.ts';
import { parseImageInputs } from './image-inputs.ts';
import { containsUnknown, textAt } from './property-path.ts';
import { publishImage, type PublishContext } from './publish-image.ts';
import type { RunDocker } from './run-docker.ts';
import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** `docker:index/image:Image`, as the official plug-in behaves. The id is the name of the first push. */
export function imageResource(
  run: RunDocker,
  daemon: () => Readonly<Record<string, string>>,
): ResourceType {
  return {
    check: ({ news, log }) => checkImage(news, log),
    diff: ({ oldInputs, news }) => diffImage(oldInputs, news),
    async create({ inputs, preview, log, signal }) {
      const outputs = await outputsOf(inputs, preview, { run, daemon: daemon(), log, signal });
      const id = textAt(inputs, 'imageName');
      return { id: typeof id === 'string' ? id : '', outputs };
    },
    update: ({ news, preview, log, signal }) =>
      outputsOf(news, preview, { run, daemon: daemon(), log, signal }),
    // The registry is not asked: an image that vanished there is never noticed here.
    read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),
    // Neither the daemon nor the registry loses anything.
    delete: () => Promise.resolve(),
  };
}

async function outputsOf(
  inputs: Properties,
  preview: boolean,
  context: PublishContext,
): Promise<Properties> {
  const planned = plannedOutputs(inputs);
  if (preview && !canBuildNow(inputs, context)) return planned;
  const image = parseImageInputs(inputs);
  return {
    ...planned,
    repoDigest: await publishImage(image, !preview && !image.skipPush, context),
  };
}

function canBuildNow(inputs: Properties, { log }: PublishContext): boolean {
  if (inputs['buildOnPreview'] !== true) return false;
  if (!containsUnknown(inputs['build']) && !containsUnknown(inputs['imageName'])) return true;
  log('warning', 'not built in this preview: build or imageName is not known yet');
  return false;
}

/**
 * The outputs of an image as far as its inputs tell them, before any build: all but `repoDigest`.
 * Outputs whose inputs are unknown are unknown too.
 */
function plannedOutputs(inputs: Properties): Properties {
  const imageName = textAt(inputs, 'imageName') ?? '';
  const context = textAt(inputs, 'build.context') ?? '.';
  const dockerfile = textAt(inputs, 'build.dockerfile') ?? 'Dockerfile';
  const platform = textAt(inputs, 'build.platform');
  return {
    baseImageName: imageName,
    context,
    // Relative to the context, unlike the input of the same name.
    dockerfile:
      context === UNKNOWN || dockerfile === UNKNOWN ? UNKNOWN : relative(context, dockerfile),
    imageName,
    ...(platform !== undefined && { platform }),
    registryServer: textAt(inputs, 'registry.server') ?? '',
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
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, cleaned(value)]),
  );
}

function cleaned(value: PropertyValue): PropertyValue {
  if (isList(value)) return value.map(cleaned);
  return isObject(value) ? withoutNulls(value) : value;
}
