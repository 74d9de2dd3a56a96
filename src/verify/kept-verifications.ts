import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Digest } from '../image-reference.ts';
import { redact } from '../redact.ts';
import { keepResult, keptResult } from './kept-results.ts';

const Verification = z.object({
  isUp: z.boolean(),
  /** What showed that it is up, or why it is not. */
  text: z.string(),
  /** `YYYY-MM-DD`, in UTC. */
  day: z.iso.date(),
  /** The end of its console; empty where none was read. */
  console: z.array(z.string()).readonly(),
});

/** How an image came up, or did not, when it was last started. */
export type KeptVerification = z.infer<typeof Verification>;

const MOST_LINES = 60;
const LONGEST_LINE = 300;

/** Keeps the last verification of an image, without `secrets`, for the page that shows it. */
export async function keepVerification(
  digest: Digest,
  { isUp, text, day, console }: KeptVerification,
  secrets: readonly string[] = [],
): Promise<void> {
  const lines = console
    .map((line) => redact(stripVTControlCharacters(line), secrets, LONGEST_LINE))
    .filter((line) => line !== '')
    .slice(-MOST_LINES);
  const kept = { isUp, text: redact(text, secrets, LONGEST_LINE), day, console: lines };
  await keepResult('verifications', digest, kept);
}

/** `undefined` where none was kept, or it cannot be read. */
export function keptVerification(digest: Digest): Promise<KeptVerification | undefined> {
  return keptResult('verifications', digest, Verification);
}
