/** How a secret can show: as it is, in a form or an address, and in base64, wherever in the text it stands. */
export function tracesOf(secret: string): readonly string[] {
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.from(' '.repeat(shift) + secret)
      .toString('base64')
      .replace(/=+$/, '');
    // The ends hold bits of what stands beside it.
    return text.slice(shift === 0 ? 0 : 4, -1);
  });
  return [secret, encodeURIComponent(secret), ...shifted];
}
