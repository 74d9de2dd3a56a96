/** What was read of a body: all of it, or its beginning when it has more bytes than it may. */
export interface ReadBody {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly isWhole: boolean;
}

/** Reads a body, and ends it where it gets longer: whoever answers does not choose how much is held in memory. */
export async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  largest: number,
): Promise<ReadBody> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early also ends the download.
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size > largest) break;
  }
  return { bytes: Buffer.concat(pieces), isWhole: size <= largest };
}

/** The body of an answer to `fetch`, which has none when it is empty. */
export async function readAnswer({ body }: Response, largest: number): Promise<ReadBody> {
  if (body === null) return { bytes: Buffer.alloc(0), isWhole: true };
  return readUpTo(body as AsyncIterable<Uint8Array>, largest);
}
