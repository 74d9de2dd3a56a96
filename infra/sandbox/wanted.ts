import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DEFAULT_PLATFORM } from '../../src/catalog/image.ts';
import { messageOf } from '../../src/problem.ts';
import { quote } from '../../src/yaml/wording.ts';
import { type Platform, PROCESSORS } from '../toolchain/foreign-program.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { Sandbox } from './sandbox.ts';
import { readJsonFile, writeIfChanged } from './text-file.ts';
import { hasUpstream } from './upstream.ts';

/** What `npm start` publishes beside the images of the template. */
export interface Wanted {
  readonly isDiskWanted: boolean;
  /** The platforms of the image that may have several; always linux/amd64. */
  readonly platforms: readonly Platform[];
}

const USAGE = 'run `npm start`, `npm start -- --vm-disk` or `npm start -- --platforms linux/arm64`';

const PLATFORMS = Object.keys(PROCESSORS) as Platform[];

const Remembered = z.array(z.enum(PLATFORMS));

/**
 * Reads the arguments of `npm start`. A disk, once there, and the platforms of an earlier start are wanted in each later
 * one; `--platforms linux/amd64` goes back to one. May throw a PrerequisiteError.
 */
export function readWanted(args: readonly string[], sandbox: Sandbox): Wanted {
  const { 'vm-disk': isDiskWanted, platforms } = parseOptions(args);
  const remembered = Remembered.safeParse(readJsonFile(sandbox.platformsFile)).data ?? [];
  const chosen = platforms?.join().split(',').map(platformNamed) ?? remembered;
  return {
    isDiskWanted: isDiskWanted || hasUpstream(sandbox),
    platforms: [...new Set<Platform>([DEFAULT_PLATFORM, ...chosen])].toSorted(),
  };
}

/** Remembers the platforms for later starts, once they can be built. */
export function rememberPlatforms({ platformsFile }: Sandbox, { platforms }: Wanted): void {
  if (platforms.length === 1 && readJsonFile(platformsFile) === undefined) return;
  writeIfChanged(platformsFile, `${JSON.stringify(platforms)}\n`);
}

/** Whether this machine's processor does not run all that is to be built. */
export function needsEmulation({ platforms }: Wanted, processor: string = process.arch): boolean {
  const native = processor === 'x64' ? 'linux/amd64' : `linux/${processor}`;
  return platforms.some((platform) => platform !== native);
}

function parseOptions(args: readonly string[]) {
  const options = {
    'vm-disk': { type: 'boolean', default: false },
    platforms: { type: 'string', multiple: true },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new PrerequisiteError(messageOf(cause), USAGE, { cause });
  }
}

function platformNamed(text: string): Platform {
  const found = PLATFORMS.find((platform) => platform === text.trim());
  if (found !== undefined) return found;
  throw new PrerequisiteError(
    `the sandbox builds no images for ${quote(text)}`,
    `the platforms are ${PLATFORMS.join(' and ')}, separated by commas`,
  );
}
