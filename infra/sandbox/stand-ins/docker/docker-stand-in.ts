import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import {
  isList,
  isObject,
  UNKNOWN,
  type Call,
  type Difference,
  type Plugin,
  type Properties,
  type PropertyValue,
  type ResourceType,
} from '../../../oci/protocol/resource-type.ts';
import { DAEMON_SETTINGS, daemonOf } from './daemon.ts';
import { parseImageInputs, valueAt } from './image-inputs.ts';
import { publishImage, type PublishContext } from './publish-image.ts';
import type { RunDocker } from '../../../../src/build/run-docker.ts';

const RESPONSE_MS = 20_000;

/**
 * The settings of the official plug-in. Some change nothing for a `docker.Image`: its `Configure` contacts the daemon
 * whatever `disableDockerDaemonCheck` says, and reads no `context`; its push reads no `registryAuth`
 * (`configureDockerClient` and `getRegistryAuth` in pulumi-docker's provider/image.go).
 */
const SETTINGS = [
  ...DAEMON_SETTINGS,
  'version',
  'disableDockerDaemonCheck',
  'context',
  'registryAuth',
];

/**
 * Stands in for the official `docker` plug-in where that can't be downloaded: `docker.Image` only, as
 * the program uses it, built and pushed by the real Docker Engine through the `docker` command.
 */
export function createDockerStandIn(run: RunDocker): Plugin {
  let variables: PublishContext['daemon'] = {};
  return {
    name: 'docker',
    // The version of the SDK that the program is written against.
    version: dockerPackage.version,
    checkConfig: (news) =>
      Object.keys(news)
        .filter((name) => !SETTINGS.includes(name) && valueAt(news, name) !== undefined)
        .map((property) => ({
          property,
          reason: `the sandbox's stand-in for the docker plug-in does not have docker:${property}`,
        })),
    // Without a difference, the engine goes on with the settings of the last run. A newer SDK is none.
    diffConfig: (olds, news) =>
      compareInputs({ ...olds, version: null }, { ...news, version: null }),
    async configure(settings) {
      const daemon = daemonOf(settings);
      variables = daemon.variables;
      if (daemon.isPinged) await pingDaemon(run, variables);
    },
    resources: { 'docker:index/image:Image': imageResource(run, () => variables) },
  };
}

/** Throws, as the official plug-in does, unless a Docker daemon responds to its client: previews need one as well. */
async function pingDaemon(run: RunDocker, env: PublishContext['daemon']): Promise<void> {
  const args = ['version', '--format', '{{.Server.Version}}'];
  const { code } = await run({ args, env }, { signal: AbortSignal.timeout(RESPONSE_MS) });
  if (code !== 0) throw new Error('failed to connect to any docker daemon');
}

/**
 * `docker:index/image:Image`, as the official plug-in behaves. The id is the name of the first push. A read
 * does not look into the registry (the publication notices an image that vanished there), and a deletion
 * takes nothing from it. Unlike the official plug-in, it compares no digest of the build context: another
 * context has another immutable tag, and so another name.
 */
function imageResource(run: RunDocker, daemon: () => PublishContext['daemon']): ResourceType {
  const outputsOf = async (
    inputs: Properties,
    { preview, log, signal }: Call & { preview: boolean },
  ): Promise<Properties> => {
    const planned = plannedOutputs(inputs);
    if (preview) return planned;
    const context = { run, daemon: daemon(), log, signal };
    return { ...planned, repoDigest: await publishImage(parseImageInputs(inputs), context) };
  };
  return {
    diff: ({ oldInputs, news }) => compareInputs(oldInputs, news),
    async create({ inputs, ...call }) {
      const outputs = await outputsOf(inputs, call);
      const id = inputs['imageName'];
      return { id: typeof id === 'string' ? id : '', outputs };
    },
    update: ({ news, ...call }) => outputsOf(news, call),
  };
}

/** The outputs before any build: all but `repoDigest`. Outputs of unknown inputs are unknown. */
function plannedOutputs(inputs: Properties): Properties {
  const at = (path: string) => valueAt(inputs, path) ?? UNKNOWN;
  const imageName = at('imageName');
  const context = at('build.context');
  const dockerfile = at('build.dockerfile');
  const areKnown = typeof context === 'string' && typeof dockerfile === 'string';
  return {
    baseImageName: imageName,
    context,
    // Relative to the context, unlike the input of the same name.
    dockerfile: areKnown ? relative(context, dockerfile) : UNKNOWN,
    imageName,
    platform: at('build.platform'),
    registryServer: '',
    repoDigest: UNKNOWN,
  };
}

/**
 * Compares the inputs of the last run with the new ones, by top-level property. Nothing ever replaces
 * a provider or an image: under a new name it is built and pushed again, and the old name stays in the registry.
 */
export function compareInputs(oldInputs: Properties, news: Properties): Difference {
  const [before, after] = [withoutNulls(oldInputs), withoutNulls(news)];
  const names = Object.keys({ ...before, ...after });
  return { changed: names.filter((name) => !isDeepStrictEqual(before[name], after[name])) };
}

function withoutNulls(properties: Properties): Properties {
  const present = Object.entries(properties).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, cleaned(value)]));
}

function cleaned(value: PropertyValue): PropertyValue {
  if (isList(value)) return value.map(cleaned);
  return isObject(value) ? withoutNulls(value) : value;
}
