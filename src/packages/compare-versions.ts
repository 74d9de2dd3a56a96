import { compareTexts } from '../compare-texts.ts';
import type { PackageList } from './package-list.ts';

/** How a format cuts versions into tokens, and how it ranks different kinds of tokens; the end counts as one. */
interface Rules {
  readonly tokens: RegExp;
  readonly rank: (token: string | undefined) => number;
}

const RULES: Readonly<Record<PackageList['format'], Rules>> = {
  // deb-version(7): a tilde comes before the end, which comes before letters, which come before all others.
  deb: {
    tokens: /\d+|\D/g,
    rank: (token) => {
      if (token === undefined || /^\d/.test(token)) return 0;
      if (token === '~') return -1;
      return token.charCodeAt(0) + (/[a-z]/i.test(token) ? 0 : 256);
    },
  },
  // rpm-version(7): a tilde, the end, a caret, letters, numbers. All other characters only separate.
  rpm: {
    tokens: /\d+|[a-z]+|[~^]/gi,
    rank: (token) => {
      if (token === undefined) return 1;
      if (token === '~') return 0;
      if (token === '^') return 2;
      return /^\d/.test(token) ? 4 : 3;
    },
  },
};

/** Negative where `a` is the older version, and 0 where neither is, whatever their texts. */
export function compareVersions(format: PackageList['format'], a: string, b: string): number {
  const [partsA, partsB] = [splitVersion(a), splitVersion(b)];
  const rules = RULES[format];
  return (
    compareNumbers(partsA.epoch, partsB.epoch) ||
    compareParts(rules, partsA.upstream, partsB.upstream) ||
    compareParts(rules, partsA.release, partsB.release)
  );
}

/** The parts of `[epoch:]upstream[-release]`. */
export function splitVersion(version: string) {
  const [, epoch = '0', upstream = '', release = ''] =
    /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/s.exec(version) ?? [];
  return { epoch, upstream, release };
}

function compareParts({ tokens, rank }: Rules, a: string, b: string): number {
  const [tokensA, tokensB] = [a.match(tokens) ?? [], b.match(tokens) ?? []];
  for (let at = 0; at < Math.max(tokensA.length, tokensB.length); at += 1) {
    const [tokenA, tokenB] = [tokensA[at], tokensB[at]];
    const order = rank(tokenA) - rank(tokenB) || compareTokens(tokenA, tokenB);
    if (order !== 0) return order;
  }
  return 0;
}

function compareTokens(a = '', b = ''): number {
  if (/^\d/.test(a + b)) return compareNumbers(a, b);
  return compareTexts(a, b);
}

/** Numbers of any length; none is 0. */
function compareNumbers(a: string, b: string): number {
  const [x = '', y = ''] = [a, b].map((number) => number.replace(/^0+/, ''));
  if (x.length !== y.length) return x.length - y.length;
  return compareTexts(x, y);
}
