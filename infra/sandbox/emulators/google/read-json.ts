import type { IncomingMessage } from 'node:http';
import { invalidArgument } from './api-error.ts';

/** In bytes; no body that is meant has as many. */
const LARGEST_BODY = 10_000_000;

/** A request's JSON body; `{}` for an empty one. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    // Read on to the end: an answer before it would not be seen.
    if (size <= LARGEST_BODY) pieces.push(piece);
  }
  if (size > LARGEST_BODY) throw invalidArgument('Request payload size exceeds the limit.');
  const text = Buffer.concat(pieces).toString();
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw invalidArgument('Invalid JSON payload received. Unable to parse the request body.');
  }
}
