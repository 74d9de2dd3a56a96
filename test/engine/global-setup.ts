import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { choosePlugins } from '../../infra/sandbox/choose-plugins.ts';
import { debianProgram, provideDiskPrograms } from '../../infra/toolchain/programs.ts';
import {
  endDockerEngine,
  type OwnDockerEngine,
  resolveDockerEngine,
} from '../../infra/toolchain/docker-engine.ts';
import { provideLanguageHost } from '../../infra/sandbox/stand-ins/install-stand-in.ts';
import { resolveEngine } from '../../infra/toolchain/pulumi-engine.ts';
import { notesTo } from '../../infra/toolchain/report.ts';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';

/** What every engine test needs, found, fetched or started once for all of them. */
export interface Prerequisites extends Pick<SandboxRecord, 'engine' | 'docker' | 'plugins'> {
  /** An engine's home folder with the plug-ins in it. Copy it; never write to it. */
  readonly pulumiHome: string;
  /** The program of a registry: `<program> serve <configuration file>`. */
  readonly dockerRegistry: string;
  /** Whether the Docker Engine is the tests' own, and goes with all that it has when they end. */
  readonly isOwnDocker: boolean;
  /** A busybox that needs no libraries: the content of images that are built from nothing. */
  readonly busybox: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    prerequisites: Prerequisites;
  }
}

/**
 * Runs before the first engine test; what it returns runs after the last. A prerequisite that can't
 * be had fails the run, and the message says what to do. Tests never skip.
 */
export async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-tests-'));
  const own = { folder: join(folder, 'docker'), socket: join(folder, 'docker.sock') };
  const teardown = async () => {
    await endDockerEngine(own);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const prerequisites = await provide(folder, own);
    project.provide('prerequisites', prerequisites);
    // For what asks the environment: the client and registry of test/support, the stand-in's builds.
    const { docker, dockerRegistry } = prerequisites;
    process.env['DOCKER_HOST'] = docker.host;
    process.env['DOCKER_CLI'] = docker.cli;
    process.env['DOCKER_REGISTRY'] = dockerRegistry;
    // For the engine, the registry and Docker's client: they end before collecting garbage pays.
    process.env['GOGC'] = '400';
    // What Node has compiled once, for every process that a test starts.
    process.env['NODE_COMPILE_CACHE'] = join(folder, 'compile-cache');
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function provide(folder: string, own: OwnDockerEngine): Promise<Prerequisites> {
  const pulumiHome = join(folder, 'pulumi-home');
  // Where nothing is there yet, the engine is compiled while packages are downloaded.
  const both = [resolveEngine(notesTo(note)), provideOthers(own)] as const;
  // Where one fails, the other must not go on after the teardown.
  await Promise.allSettled(both);
  const [engine, others] = await Promise.all(both);
  provideLanguageHost(pulumiHome, engine);
  return { ...others, engine, plugins: await choosePlugins(pulumiHome, note), pulumiHome };
}

/** Docker, and programs of Debian. */
async function provideOthers(own: OwnDockerEngine) {
  const { host, cli, started } = await resolveDockerEngine(own, note);
  // The program makes disks with those that it finds.
  await provideDiskPrograms(note);
  return {
    docker: { host, cli },
    isOwnDocker: started,
    dockerRegistry: await debianProgram('docker-registry', 'docker-registry', note),
    busybox: await debianProgram('busybox', 'busybox-static', note),
  };
}

function note(line: string): void {
  console.error(`engine tests: ${line}`);
}
