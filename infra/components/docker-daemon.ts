import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import type { DockerRoot } from '../../src/disk/space-needed.ts';
import type { Registry } from '../../src/image-reference.ts';
import type { EngineAddress } from '../../src/verify/docker-api.ts';
import { describeEngine, hasImage, type DockerAddress } from '../toolchain/docker-api.ts';
import {
  buildRefusal,
  copiesOf,
  type DescribedEngine,
  hasContainerdStore,
} from '../toolchain/docker-builds.ts';

/** What the Docker Engine of the docker plug-in does not say itself. */
export interface DockerDaemon {
  /**
   * Why no build may begin; `undefined` where nothing is known against it. An engine that refuses every build
   * responds with a 403 that has neither the reason nor a remedy. Only warns in a preview, which builds nothing.
   */
  findRefusal(): Promise<string | undefined>;
  /**
   * What to grant, for an image whose publication failed by its push. With the containerd image store, a push
   * mounts layers that the engine has from other repositories of the registry, and fails where it may not
   * (`Push` in containerd's core/remotes/docker/pusher.go).
   */
  findMissingGrant(image: PushedImage): Promise<string | undefined>;
  /** Where its files are; `undefined` for an engine that is not on this machine. */
  findRoot(): Promise<DockerRoot | undefined>;
}

export interface PushedImage {
  readonly registry: Registry;
  /** Its name in the engine. */
  readonly name: string;
}

/** Asks the engine at the first build, once. */
export function dockerDaemon(addressOf: () => DockerAddress = pluginAddress): DockerDaemon {
  let described: Promise<DescribedEngine | undefined> | undefined;
  let refusal: Promise<string | undefined> | undefined;
  const describe = () => (described ??= describeEngine(addressOf()));
  return {
    findRefusal: () => (refusal ??= describe().then(refusalOf)),
    async findMissingGrant({ registry, name }) {
      const engine = await describe();
      if (engine === undefined || !hasContainerdStore(engine)) return undefined;
      // Without, it was not built, and so not pushed.
      if (!(await hasImage({ ...addressOf(), host: engine.host }, name))) return undefined;
      return `Docker built it and did not push it; if the registry denied that, give the account that pushes roles/artifactregistry.reader in the other repositories of ${registry} that this engine has layers from`;
    },
    async findRoot() {
      const engine = await describe();
      if (!engine?.root || !engine.host.startsWith('unix:')) return undefined;
      return { folder: engine.root, copies: copiesOf(engine) };
    },
  };
}

async function refusalOf(engine: DescribedEngine | undefined): Promise<string | undefined> {
  const refusal = engine && buildRefusal(engine);
  if (refusal === undefined) return undefined;
  const reason = `${refusal.problem}; ${refusal.remedy}`;
  if (!pulumi.runtime.isDryRun()) return reason;
  await pulumi.log.warn(reason);
  return undefined;
}

/** The engine that the stack's settings name for the docker plug-in; `undefined` where the environment decides. */
export function configuredEngine(): EngineAddress | undefined {
  const config = new pulumi.Config('docker');
  const host = config.get('host');
  return host === undefined ? undefined : { host, certPath: config.get('certPath') };
}

/** As `configureDockerClient` in pulumi-docker's provider/image.go finds it. */
function pluginAddress(): DockerAddress {
  const config = new pulumi.Config('docker');
  const { DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY = '' } = process.env;
  const certPath = config.get('certPath');
  return {
    host: config.get('host') ?? DOCKER_HOST,
    certPath: certPath ?? DOCKER_CERT_PATH,
    verify: certPath !== undefined || DOCKER_TLS_VERIFY !== '',
  };
}
