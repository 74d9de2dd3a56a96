import type { Properties, ResourceType } from '../../../oci/protocol/resource-type.ts';
import { checkImage } from './check-image.ts';
import { diffImage } from './diff-image.ts';
import { parseImageInputs } from './image-inputs.ts';
import { containsUnknown, textAt } from './property-path.ts';
import { plannedOutputs } from './planned-outputs.ts';
import { publishImage, type PublishContext } from './publish-image.ts';
import type { RunDocker } from './run-docker.ts';

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
