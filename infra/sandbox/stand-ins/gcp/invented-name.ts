import { randomBytes } from 'node:crypto';

/**
 * A name for a resource that the program gave none: its name in the program, made to fit, and seven
 * random digits, so that a replacement can be made before the old one goes.
 *
 * @param separator between the two
 * @param longest characters in all
 */
export function inventedName(name: string, separator: string, longest: number): string {
  const suffix = `${separator}${randomBytes(4).toString('hex').slice(0, 7)}`;
  return `${name.slice(0, longest - suffix.length)}${suffix}`;
}
