/**
 * A line without its comment: what is commented out is no reference. A comment starts with `#`, at the
 * start or after a space, outside of quotes. A quote that never ends hides no comment sign, so that
 * rather too much is read than too little.
 */
export function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '#' && /^\s?$/.test(line.charAt(at - 1))) return line.slice(0, at);
  }
  return line;
}
