/** A URL of a file, taken apart; each part but the last ends with a slash. */
export interface Place {
  /** `https://host/`. */
  readonly origin: string;
  /** From the origin to the file, without the first slash; empty for a file right at the top. */
  readonly folder: string;
  readonly file: string;
}

/** `undefined` for a URL with a query or with characters that no publisher's have. */
export function placeOf(url: string): Place | undefined {
  const { origin, folder, file } =
    /^(?<origin>https?:\/\/[^/]+\/)(?<folder>(?:[\w.~:+-]+\/)*)(?<file>[\w.~:+-]+)$/.exec(url)
      ?.groups ?? {};
  if (origin === undefined || folder === undefined || file === undefined) return undefined;
  return { origin, folder, file };
}
