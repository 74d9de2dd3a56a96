import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientAndEngine } from './docker-client.ts';
import { CommandError, runCommand } from './run-command.ts';

/** A processor whose programs can be emulated: 64 bits, little-endian. */
interface Processor {
  /** Debian's name for it. */
  readonly architecture: string;
  /** The program that emulates it, by its name in Debian. */
  readonly emulator: string;
  /** Its number in ELF (e_machine). */
  readonly machine: number;
  /** The instructions that end a program with the code 0. */
  readonly exit: string;
}

/** The platforms that the sandbox can build for. */
export const PROCESSORS = {
  'linux/amd64': {
    architecture: 'amd64',
    emulator: 'qemu-x86_64-static',
    machine: 0x3e,
    // xor edi, edi; mov eax, 60; syscall
    exit: '31ff b83c000000 0f05',
  },
  'linux/arm64': {
    architecture: 'arm64',
    emulator: 'qemu-aarch64-static',
    machine: 0xb7,
    // mov x0, #0; mov x8, #93; svc #0
    exit: '000080d2 a80b80d2 010000d4',
  },
} as const satisfies Readonly<Record<string, Processor>>;
export type Platform = keyof typeof PROCESSORS;

const ADDRESS = 0x400000;
const HEADER_SIZE = 64;
const SEGMENT_SIZE = 56;

/** The header of a program in ELF (elf(5)), with one segment that is the whole file. */
export function programHeader(platform: Platform): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  // 64 bits, little-endian, version 1.
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16); // A program.
  header.writeUInt16LE(PROCESSORS[platform].machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(ADDRESS + HEADER_SIZE + SEGMENT_SIZE), 24); // Where it begins.
  header.writeBigUInt64LE(BigInt(HEADER_SIZE), 32);
  header.writeUInt16LE(HEADER_SIZE, 52);
  header.writeUInt16LE(SEGMENT_SIZE, 54);
  header.writeUInt16LE(1, 56);
  return header;
}

/** The smallest program for a platform: it ends with the code 0. */
export function smallestProgram(platform: Platform): Buffer {
  const code = Buffer.from(PROCESSORS[platform].exit.replaceAll(' ', ''), 'hex');
  const size = BigInt(HEADER_SIZE + SEGMENT_SIZE + code.length);
  const segment = Buffer.alloc(SEGMENT_SIZE);
  segment.writeUInt32LE(1, 0); // Loaded,
  segment.writeUInt32LE(5, 4); // to be read and run.
  segment.writeBigUInt64LE(BigInt(ADDRESS), 16);
  segment.writeBigUInt64LE(BigInt(ADDRESS), 24);
  segment.writeBigUInt64LE(size, 32);
  segment.writeBigUInt64LE(size, 40);
  segment.writeBigUInt64LE(0x10000n, 48); // The largest page of any of these processors.
  return Buffer.concat([programHeader(platform), segment, code]);
}

/** What a kernel says of a program that it can't run, or whose emulator a container does not see. */
const CANNOT_RUN = /exec format error|\bexec\b.*no such file or directory/i;

/** Whether programs for a platform run in the builds of a Docker Engine, wherever it is and by whatever emulator. */
export async function canRunOn(
  platform: Platform,
  { cli, host }: Pick<ClientAndEngine, 'cli' | 'host'>,
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'foreign-program-'));
  // Other builders that the client may have chosen bring emulators of their own.
  const ofEngine = { DOCKER_HOST: host, DOCKER_BUILDKIT: '1', BUILDX_BUILDER: 'default' };
  const env = { ...process.env, ...ofEngine };
  try {
    writeFileSync(join(folder, 'program'), smallestProgram(platform), { mode: 0o755 });
    const recipe = 'FROM scratch\nCOPY program /\nRUN ["/program"]\n';
    writeFileSync(join(folder, 'Dockerfile'), recipe);
    // A cached result says nothing about today.
    const options = ['--quiet', '--no-cache', '--network=none', `--platform=${platform}`];
    const image = await runCommand(cli, ['build', ...options, folder], { env });
    await runCommand(cli, ['image', 'rm', image.trim()], { env });
    return true;
  } catch (error) {
    if (error instanceof CommandError && CANNOT_RUN.test(error.message)) return false;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
