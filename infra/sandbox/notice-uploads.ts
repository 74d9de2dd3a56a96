import { ACCESS_TOKEN, GOOGLE_PROJECT, REGION, REPOSITORY_ID } from './sandbox.ts';

const IMAGES = `projects/${GOOGLE_PROJECT}/locations/${REGION}/repositories/${REPOSITORY_ID}/dockerImages`;

/**
 * Has the emulator look at what the registry holds: a version is as old as its first look at it. Two
 * publications that it first sees at once would have no order.
 */
export async function noticeUploads(emulator: string): Promise<void> {
  const answer = await fetch(`http://${emulator}/v1/${IMAGES}?pageSize=1`, {
    headers: { authorization: `Bearer ${ACCESS_TOKEN}` },
    signal: AbortSignal.timeout(60_000),
  });
  await answer.body?.cancel();
}
