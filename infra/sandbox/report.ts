/** Tells a person at a terminal, or the reader of a log, what is going on. */
export interface Report {
  /**
   * Does one step, says how it went and how long it took. `work` gets a function to say what it is
   * at.
   */
  step<T>(title: string, work: (note: (line: string) => void) => Promise<Step<T>>): Promise<T>;
  say(line: string): void;
}

/** What a step brings, and a few words about it. */
export interface Step<T> {
  readonly result: T;
  readonly summary: string;
  /** The step went wrong, yet those after it are of use. */
  readonly failed?: boolean;
}

/** Where a report goes: standard output, or a test's own. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal that can rewrite a line, one line after that many milliseconds. */
const SIGN_OF_LIFE_MS = 15_000;

const TITLE_WIDTH = 18;

/** A report to `screen`. On a terminal a long step counts its seconds; elsewhere it writes a line now and then. */
export function reportTo(screen: Screen): Report {
  const terminal = screen.isTTY === true;
  const clear = () => terminal && screen.write('\r\u001b[2K');
  const line = (text: string) => {
    clear();
    screen.write(`${text}\n`);
  };
  return {
    say: line,
    async step(title, work) {
      const begin = Date.now();
      const label = title.padEnd(TITLE_WIDTH);
      const sign = () => {
        if (terminal) screen.write(`\r\u001b[2K… ${label} ${seconds(begin, 0)}`);
        else line(`… ${label} still at it after ${seconds(begin, 0)}`);
      };
      const timer = setInterval(sign, terminal ? 1000 : SIGN_OF_LIFE_MS);
      try {
        const {
          result,
          summary,
          failed = false,
        } = await work((note) => {
          line(`    ${note}`);
        });
        line(`${failed ? '✗' : '✓'} ${label} ${summary} (${seconds(begin, 1)})`);
        return result;
      } catch (error) {
        line(`✗ ${label} failed after ${seconds(begin, 1)}`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}

function seconds(begin: number, digits: number): string {
  return `${((Date.now() - begin) / 1000).toFixed(digits)} s`;
}
