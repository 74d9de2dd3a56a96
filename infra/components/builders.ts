import { Provider } from '@pulumi/docker/provider.js';
import pulumi from '@pulumi/pulumi';
import pLimit from 'p-limit';
import type { DockerRoot } from '../../src/disk/space-needed.ts';
import { chooseBuilder, WITHOUT_BUILDERS } from '../../src/plan/builders.ts';
import { describeBuilder, type Builder } from '../../src/settings/builders.ts';
import { silenceRepeatedErrors } from '../engine/resources.ts';
import type { EngineAddress } from '../../src/verify/list-container.ts';
import { askBuilder } from './ask-builder.ts';
import {
  configuredEngine,
  dockerDaemon,
  type DockerDaemon,
  type PushedImage,
} from './docker-daemon.ts';

/** The Docker Engines that images are built on, as providers. */
export interface Builders {
  /**
   * Of a `docker.Image` that the registry has already, whatever happens to builders: it connects to none. `undefined` for
   * the engine's default, as below.
   */
  readonly published: pulumi.ProviderResource | undefined;
  /**
   * Waits for a place to build a `docker.Image`, by its name and platform. Rejects with the reason why there is none. A
   * preview builds nothing, and waits for nothing.
   */
  readonly enter: (name: string, platform: string) => Promise<Place>;
  /** Where the image of a `docker.Image` can run; `undefined` where the environment says it. */
  readonly addressFor: (name: string, platform: string) => EngineAddress | undefined;
  /** How the engines that build now share some builds. Those that get none are left out. */
  readonly share: <Each extends Build>(builds: readonly Each[]) => Promise<readonly Share<Each>[]>;
}

/** A build of a `docker.Image`, by its name and platform. */
interface Build {
  readonly name: string;
  readonly platform: string;
}

interface Share<Each> {
  readonly builds: readonly Each[];
  /** How many of them the engine takes at once. */
  readonly parallel: number;
  /** Where the engine's files are; `undefined` for one that is not on this machine. */
  readonly root: DockerRoot | undefined;
}

/** A place for one build at a builder. */
export interface Place {
  /** A function, since what follows from an output of a resource would depend on the resource. */
  readonly provider: () => pulumi.ProviderResource | undefined;
  /** To be called when the build has ended. */
  readonly leave: () => void;
  /** Why an image could not be built and pushed there, as far as Docker does not say it. */
  readonly explain: (image: PushedImage) => Promise<string>;
}

interface BuilderOptions {
  /** The names of those that the run does without. */
  readonly without: ReadonlySet<string>;
  readonly ask?: (builder: Builder) => Promise<string | undefined>;
}

/** For a stack without builders: all build where Docker's own configuration leads, unless that engine refuses. */
export function anyEngine(daemon: DockerDaemon): Builders {
  const place: Place = {
    provider: () => undefined,
    leave: () => undefined,
    explain: (image) => explainFailure(daemon, image),
  };
  const enter = async () => {
    const refusal = await daemon.findRefusal();
    if (refusal !== undefined) throw new Error(refusal);
    return place;
  };
  const share: Builders['share'] = async (builds) => [
    { builds, parallel: Infinity, root: await daemon.findRoot() },
  ];
  return { published: undefined, enter, addressFor: configuredEngine, share };
}

/** An address that the docker plug-in does not connect to before a build; no name ends with `.invalid` (RFC 2606). */
const nowhere = (name: string) => `ssh://${name}.invalid`;

/**
 * Declares each builder as a provider. The plug-in connects to each that is not reached by ssh as soon as it is
 * declared, and fails the run where it can't. So one that is down, or that the run does without, is declared at an
 * address that nobody connects to: it stays in the state, and the engine can still drop what it has built.
 */
export async function declareBuilders(
  builders: readonly Builder[],
  { without, ask = askBuilder }: BuilderOptions,
): Promise<Builders> {
  const isPreview = pulumi.runtime.isDryRun();
  const used = builders.filter(({ name }) => !without.has(name));
  const down = new Map<string, string>();
  await Promise.all(
    used.map(async (builder) => {
      const reason = isBySsh(builder) ? undefined : await ask(builder);
      if (reason === undefined) return;
      down.set(builder.name, reason);
      await pulumi.log.warn(reason);
    }),
  );
  const declared = new Map(
    builders.map(({ name, host, certPath, parallel = Infinity }) => {
      const isUsed = !without.has(name) && !down.has(name);
      const args = isUsed ? { host, certPath } : { host: nowhere('down') };
      const provider = silenceRepeatedErrors(new Provider(`builder-${name}`, args));
      return [name, { provider, limit: pLimit(parallel) }];
    }),
  );

  const enter: Builders['enter'] = async (image, platform) => {
    const builder = chooseBuilder(image, platform, used);
    const { provider, limit } = declared.get(builder?.name ?? '') ?? {};
    if (builder === undefined || provider === undefined || limit === undefined) {
      const others = builders.filter(({ platforms }) => platforms.includes(platform));
      const names = others.map(({ name }) => name).join(', ');
      const problem = `${WITHOUT_BUILDERS} leaves no builder for ${platform}`;
      throw new Error(`${problem}; start one of ${names}, and leave it out of the variable`);
    }
    const daemon = daemonOf(builder);
    const explain = async (pushed: PushedImage) =>
      (await ask(builder)) ?? explainFailure(daemon, pushed, ` on ${describeBuilder(builder)}`);
    if (isPreview) return { provider: () => provider, leave: () => undefined, explain };
    const leave = await placeIn(limit);
    const reason = down.get(builder.name) ?? (await ask(builder));
    if (reason === undefined) return { provider: () => provider, leave, explain };
    leave();
    throw new Error(reason);
  };

  const addressFor: Builders['addressFor'] = (name, platform) => {
    const builder = chooseBuilder(name, platform, used);
    return builder && { host: builder.host, certPath: builder.certPath };
  };

  const share: Builders['share'] = async (builds) => {
    const byBuilder = Map.groupBy(builds, ({ name, platform }) =>
      chooseBuilder(name, platform, used),
    );
    const shares = used.map(async (builder) => {
      const own = byBuilder.get(builder);
      if (own === undefined || down.has(builder.name)) return [];
      const root = isHere(builder) ? await daemonOf(builder).findRoot() : undefined;
      return [{ builds: own, parallel: builder.parallel ?? Infinity, root }];
    });
    return (await Promise.all(shares)).flat();
  };

  const published = new Provider('published-images', { host: nowhere('published-images') });
  return { published: silenceRepeatedErrors(published), enter, addressFor, share };
}

function daemonOf({ host, certPath }: Builder): DockerDaemon {
  return dockerDaemon(() => ({ host, certPath, verify: true }));
}

async function explainFailure(daemon: DockerDaemon, image: PushedImage, where = '') {
  const grant = await daemon.findMissingGrant(image);
  const remedy = grant ?? 'correct what Docker says of it, and run this again';
  return `${image.name} could not be built and pushed${where}; ${remedy}`;
}

function isBySsh({ host = '' }: Builder): boolean {
  return host.startsWith('ssh://');
}

function isHere({ host = 'unix://' }: Builder): boolean {
  return host.startsWith('unix://');
}

/** Waits for a place, and returns the function that leaves it. */
export function placeIn(limit: ReturnType<typeof pLimit>): Promise<() => void> {
  const entered = Promise.withResolvers<() => void>();
  void limit(
    () =>
      new Promise<void>((leave) => {
        entered.resolve(leave);
      }),
  );
  return entered.promise;
}
