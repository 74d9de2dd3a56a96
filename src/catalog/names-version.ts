import { percentDecoded } from '../url.ts';
import { RELEASE_NAMES } from './release-names.ts';

/** Numbers that are no version. */
const ARCHITECTURES = /x86[_-]64|i[36]86|(?:amd|arm|aarch|ppc|riscv|loong|mips)64/g;

/**
 * Whether the path of a URL names a distribution's version, in any of the ways that are usual: `24.04`,
 * `24-04`, `24_04` or `2404`, by the release's name (`noble`), or with a point release behind it (`9` in
 * `/9.5/`).
 */
export function namesVersion(url: string, distribution: string, version: string): boolean {
  const { pathname } = new URL(url);
  // A percent sign that encodes nothing stands for itself.
  const decoded = percentDecoded(pathname) ?? pathname;
  const path = decoded.toLowerCase().replaceAll(ARCHITECTURES, ' ');
  const written = version.toLowerCase();
  const names = RELEASE_NAMES[distribution] ?? {};
  // Debian's point releases have the name of the release.
  const name = names[written] ?? names[written.split('.')[0] ?? ''];
  const forms = [written, ...['', '-', '_'].map((dot) => written.replaceAll('.', dot)), name];
  return forms.some((form) => form !== undefined && standsIn(path, form));
}

/** Whether it stands there as a number or a word of its own: `9` is in `rocky/9.5`, not in `1.9` or `39`. */
function standsIn(path: string, form: string): boolean {
  const before = /^[a-z]/.test(form) ? '(?<![a-z])' : '(?<![0-9.])';
  const after = /[a-z]$/.test(form) ? '(?![a-z])' : '(?![0-9])';
  return new RegExp(before + form.replaceAll(/[^a-z0-9]/g, '\\$&') + after).test(path);
}
