import { stringify } from 'yaml';
import { parseRetention } from './parse-retention.ts';
import { formatVersion } from '../branches/references.ts';
import type { Pin, Source } from '../branches/source.ts';
import { inputError, InvalidInputError } from '../problem.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import { parseYaml } from '../yaml/yaml-document.ts';

/** A pin as it is to be written. */
interface NewPin {
  readonly source: string;
  readonly branch: string;
  readonly image: string;
  /** A tag or a digest. */
  readonly version: string;
}

/**
 * The text of a retention file with a pin in it: in place of the old version, or in new lines. No other
 * character changes. Throws an InvalidInputError (PIN_NOT_WRITTEN) for a style that has no lines to add to.
 */
export function writePin(file: string, text: string, pin: NewPin): string {
  const { sources } = parseRetention(file, text);
  const at = sources.findIndex(({ name }) => name === pin.source);
  const edited = edit(file, text, ['sources', at], sources[at]?.pins ?? [], pin);
  if (isWritten(file, edited, at, pin, sources)) return edited;
  const problem = 'the source is not written in lines that the pin could be added to';
  const [branch, image] = pinLines(pin);
  const remedy = `write it by hand: pins: {${branch} {${image}}}`;
  throw inputError('PIN_NOT_WRITTEN', problem, remedy, { file, path: `sources[${at}]` });
}

/** A line for the branch, and one for the image, without indentation. */
function pinLines({ branch, image, version }: NewPin): readonly [branch: string, image: string] {
  const plain = (value: string) => stringify(value, { lineWidth: 0 }).trimEnd();
  return [`${plain(branch)}:`, `${plain(image)}: ${plain(version)}`];
}

function edit(
  file: string,
  text: string,
  source: DocumentPath,
  written: readonly Pin[],
  pin: NewPin,
): string {
  const document = parseYaml(text, file);
  const pins = [...source, 'pins'];
  const ofBranch = [...pins, pin.branch];
  const old = document.scalarAt([...ofBranch, pin.image]);
  const [branchLine, imageLine] = pinLines(pin);
  if (old !== undefined) {
    const version = imageLine.slice(imageLine.lastIndexOf(': ') + 2);
    return text.slice(0, old.start) + version + text.slice(old.end);
  }
  /** Adds lines behind the one that a key stands in, in this column and two to the right of each other. */
  const addBehind = (path: DocumentPath, column: number, ...added: readonly string[]) => {
    const { line } = document.positionOf(path, true);
    const lines = text.split('\n');
    const end = lines[line - 1]?.endsWith('\r') === true ? '\r' : '';
    const indented = added.map((each, step) => ' '.repeat(column - 1 + 2 * step) + each + end);
    return lines.toSpliced(line, 0, ...indented).join('\n');
  };
  const columnOf = (path: DocumentPath) => document.positionOf(path, true).column;
  const neighbour = written.find(({ branch }) => branch === pin.branch);
  if (neighbour !== undefined) {
    return addBehind(ofBranch, columnOf([...ofBranch, neighbour.image]), imageLine);
  }
  const [other] = written;
  if (other !== undefined) {
    return addBehind(pins, columnOf([...pins, other.branch]), branchLine, imageLine);
  }
  const repository = [...source, 'repository'];
  return addBehind(repository, columnOf(repository), 'pins:', branchLine, imageLine);
}

/** Whether the edit has changed that pin of the file, and nothing else. */
function isWritten(
  file: string,
  text: string,
  at: number,
  { branch, image, version }: NewPin,
  sources: readonly Source[],
): boolean {
  try {
    const written = parseRetention(file, text).sources.map((each) => ({
      ...each,
      pins: each.pins.map((pin) => `${pin.branch} ${formatVersion(pin)}`).sort(),
    }));
    const isSame = (pin: Pin) => pin.branch === branch && pin.image === image;
    const expected = sources.map((each, position) => {
      const kept = each.pins.filter((pin) => position !== at || !isSame(pin));
      const pins = kept.map((pin) => `${pin.branch} ${formatVersion(pin)}`);
      if (position === at)
        pins.push(`${branch} ${image}${version.includes(':') ? '@' : ':'}${version}`);
      return { ...each, pins: pins.sort() };
    });
    return JSON.stringify(written) === JSON.stringify(expected);
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}
