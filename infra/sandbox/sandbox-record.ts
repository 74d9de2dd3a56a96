import { z } from 'zod';
import { parseJson } from '../../src/json.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import type { Sandbox } from './sandbox.ts';
import { readTextFile, writeIfChanged } from './text-file.ts';

/** A plug-in that is where the engine looks for it. */
const Plugin = z.object({ kind: z.enum(['official', 'stand-in']), version: z.string() });
export type Plugin = z.infer<typeof Plugin>;

/** The programs that `npm start` found and started, for later commands. */
export const SandboxRecord = z.object({
  engine: z.object({
    command: z.string(),
    version: z.string(),
    languageHost: z.enum(['bundled', 'stand-in']),
  }),
  docker: z.object({ host: z.string(), cli: z.string() }),
  /** `127.0.0.1:<port>`. */
  registry: z.string(),
  /** The Google API emulator: `127.0.0.1:<port>`. */
  emulator: z.string(),
  /** The GitLab emulator: `127.0.0.1:<port>`. */
  gitlab: z.string(),
  plugins: z.object({ docker: Plugin, gcp: Plugin }),
});
export type SandboxRecord = z.infer<typeof SandboxRecord>;

export function writeRecord({ recordFile }: Sandbox, record: SandboxRecord): void {
  writeIfChanged(recordFile, `${JSON.stringify(record, null, 2)}\n`);
}

/** The last `npm start`'s record; `undefined` before the first. */
export function readRecord({ recordFile }: Sandbox): SandboxRecord | undefined {
  const text = readTextFile(recordFile);
  if (text === undefined) return undefined;
  const { data, error } = SandboxRecord.safeParse(parseJson(text));
  if (data !== undefined) return data;
  throw new PrerequisiteError(
    `${recordFile} is damaged, or of an earlier version of this project`,
    'run `npm start`, which writes it anew',
    { cause: error },
  );
}
