import type { Progress } from '../toolchain/report.ts';

/** Reads the engine's output during an `up`, line by line, and shows the part that a person needs. */
interface EngineDisplay {
  readonly line: (line: string) => void;
  /** Shows the engine's diagnostics: all after a failure, else warnings only. */
  readonly end: (failed: boolean) => void;
}

/** A finished operation, such as ` +  docker:index:Image debian-12 created (91s) <build output>`. */
const FINISHED = /^(.*\b(?:created|updated|deleted|replaced)\b \([\d.]+s\)|.*\*\*.*failed\*\*)/;

/** Each image that will be published has a publication, which comes before any build, and a tag, which comes after all. */
const PLANNED = / oci:index:Publication (\S+) (?:created|updated)/;
const PUBLISHED = / oci:index:Tag (\S+)-latest (?:created|updated)/;

/** The engine's remark about a language host that did not come with it. */
const REMARK = 'using pulumi-language-nodejs from $PATH';

/** Shows failures as lines that stay, and how many images are published. Build output and dots are dropped. */
export function engineDisplay({ note, at, count }: Progress): EngineDisplay {
  const diagnostics: string[] = [];
  // A failure is shown once for each line of the failed build's output.
  const shown = new Set<string>();
  const planned = new Set<string>();
  const published = new Set<string>();
  let inDiagnostics = false;
  const finish = (operation: string) => {
    at(operation);
    if (operation.includes('failed**')) note(operation);
    const [, image] = PLANNED.exec(operation) ?? [];
    const [, tagged] = PUBLISHED.exec(operation) ?? [];
    if (image !== undefined) planned.add(image);
    if (tagged !== undefined) published.add(tagged);
    if (planned.size > 0) count(published.size, planned.size, 'images');
  };
  return {
    line(line) {
      if (/^\s*Diagnostics:/.test(line)) inDiagnostics = true;
      else if (/^\s*(?:Outputs|Resources|Duration):/.test(line)) inDiagnostics = false;
      else if (inDiagnostics) {
        if (!line.includes(REMARK)) diagnostics.push(line);
      } else {
        const finished = FINISHED.exec(line)?.[1];
        if (finished === undefined || shown.has(finished)) return;
        shown.add(finished);
        finish(finished.trim());
      }
    },
    end(failed) {
      for (const line of diagnostics) if (failed || /^\s*warning:/.test(line)) note(line);
    },
  };
}
