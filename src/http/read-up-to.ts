/** Reads a body up to the first bytes beyond a limit: no server chooses how much is held in memory. */
export async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  largest: number,
): Promise<Buffer<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early also ends the transfer.
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size > largest) break;
  }
  return Buffer.concat(pieces);
}
