import { debianProgram } from './debian-program.ts';

/** The programs that VM disks need, as absolute paths. */
export interface DiskPrograms {
  readonly qemuImg: string;
  readonly xz: string;
}

/** Finds what disks are made with, or installs it: then it is on PATH. May throw a PrerequisiteError. */
export async function provideDiskPrograms(note: (line: string) => void): Promise<DiskPrograms> {
  return {
    qemuImg: await debianProgram('qemu-img', 'qemu-utils', note),
    xz: await debianProgram('xz', 'xz-utils', note),
  };
}

/** Finds the machine that boots a disk of linux/amd64, or installs it. May throw a PrerequisiteError. */
export async function provideQemu(note: (line: string) => void): Promise<string> {
  return debianProgram('qemu-system-x86_64', 'qemu-system-x86', note);
}
