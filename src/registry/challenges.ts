/** What a registry demands with a 401 (RFC 9110, "WWW-Authenticate"). Keys are in lower case. */
export interface Challenge {
  /** In lower case, such as `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETER = /\s*,?\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",=]+))/y;
const SCHEME = /\s*,?\s*([\w-]+)(?=\s|,|$)/y;
/** What some schemes have in place of parameters (`token68`). */
const TOKEN = /\s+[\w.~+/-]+=*(?=\s*(?:,|$))/y;

/** Parses all challenges of a header, up to what can't be read. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let position = 0;
  const next = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const found = pattern.exec(header);
    if (found !== null) position = pattern.lastIndex;
    return found;
  };
  for (let scheme = next(SCHEME); scheme !== null; scheme = next(SCHEME)) {
    const parameters: Record<string, string> = {};
    next(TOKEN);
    for (let pair = next(PARAMETER); pair !== null; pair = next(PARAMETER)) {
      const [, key = '', quoted, bare] = pair;
      parameters[key.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
    }
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters });
  }
  return challenges;
}
