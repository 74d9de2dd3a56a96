import { z } from 'zod';
import { PrerequisiteError } from './prerequisite-error.ts';
import type { Sandbox } from './sandbox.ts';
import { readTextFile, writeIfChanged } from './write-if-changed.ts';

/** What `npm start` found and started, for the commands that come after it. */
export const SandboxRecord = z.object({
  engine: z.object({
    command: z.string(),
    version: z.string(),
    languageHost: z.enum(['bundled', 'stand-in']),
  }),
  docker: z.object({ host: z.string(), cli: z.string() }),
  /** `127.0.0.1:<port>`. */
  registry: z.string(),
  dockerPlugin: z.object({ kind: z.enum(['official', 'stand-in']), version: z.string() }),
});
export type SandboxRecord = z.infer<typeof SandboxRecord>;

export function writeRecord({ recordFile }: Sandbox, record: SandboxRecord): void {
  writeIfChanged(recordFile, `${JSON.stringify(record, null, 2)}\n`);
}

/** The last `npm start`'s record; `undefined` before the first. */
export function readRecord({ recordFile }: Sandbox): SandboxRecord | undefined {
  const text = readTextFile(recordFile);
  if (text === undefined) return undefined;
  try {
    return SandboxRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new PrerequisiteError(
      `${recordFile} is damaged`,
      'run `npm start`, which writes it anew',
      {
        cause,
      },
    );
  }
}
