/** Passes on what a person wants to know of what the engine shows during an `up`, line by line. */
export interface EngineDisplay {
  readonly line: (line: string) => void;
  /** Shows what the engine said at its end: all of it after a failure, else warnings only. */
  readonly end: (failed: boolean) => void;
}

/** A finished operation, such as ` +  docker:index:Image debian-12 created (91s) <build output>`. */
const FINISHED = /^(.*\b(?:created|updated|deleted|replaced)\b \([\d.]+s\)|.*\*\*.*failed\*\*)/;

/** The engine's own remark about a language host that it did not bring itself. */
const REMARK = 'using pulumi-language-nodejs from $PATH';

/** Each line that is worth it goes to `show`. Build output and dots are not: the step counts its seconds. */
export function engineDisplay(show: (line: string) => void): EngineDisplay {
  const diagnostics: string[] = [];
  // A failure is shown once for each line of the failed build's output.
  const shown = new Set<string>();
  let inDiagnostics = false;
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
        show(finished.trim());
      }
    },
    end(failed) {
      for (const line of diagnostics) if (failed || /^\s*warning:/.test(line)) show(line);
    },
  };
}
