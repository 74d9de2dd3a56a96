import { provideDiskPrograms } from '../../infra/toolchain/programs.ts';

/** Makes sure that qemu-img and xz are on PATH. For `beforeAll`: it may have to install them. */
export async function providedPrograms(): Promise<void> {
  await provideDiskPrograms((line) => {
    console.error(`disk tests: ${line}`);
  });
}

/** Milliseconds for that, with package lists to be fetched first. */
export const INSTALL_MS = 600_000;
