/** Shows progress to a person at a terminal or to the reader of a log. Steps may overlap. */
export interface Report {
  /** Runs one step and shows how it ended and how long it took. */
  step<T>(title: string, work: (progress: Progress) => Promise<Step<T>>): Promise<T>;
  readonly say: (text: string) => void;
}

/** How a step reports its progress. */
export interface Progress {
  /** A line that stays: a change to the machine, or what will take long and why. */
  readonly note: (line: string) => void;
  /** The present activity, in a few words. */
  readonly at: (activity: string) => void;
  /** How much of it is done, such as 3 of 7 `images`; of a total of 0 nothing is shown. */
  readonly count: (done: number, total: number, unit: string) => void;
}

/** The result of a step, and a few words about it. */
interface Step<T> {
  readonly result: T;
  readonly summary: string;
  /** The step failed, but the next ones are still of use. */
  readonly failed?: boolean;
}

/** Where a report goes: standard output, or a screen of a test. */
interface Screen {
  readonly isTTY?: boolean | undefined;
  /** Characters in a line. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Progress that shows its notes only. */
export function notesTo(note: Progress['note']): Progress {
  return { note, at: () => undefined, count: () => undefined };
}

interface RunningStep {
  /** The title, as wide as all others. */
  readonly label: string;
  /** As `performance.now()` has it. */
  readonly begun: number;
  activity: string;
  /** Such as `3 of 7 images`; empty while nothing is counted. */
  counted: string;
  bar: string;
}

/** Shows the steps that run: on a terminal or in a log. */
interface Display {
  begin(step: RunningStep): void;
  readonly print: (text: string) => void;
  end(step: RunningStep, line: string): void;
}

const TITLE_WIDTH = 18;
const BAR_WIDTH = 20;
const DEFAULT_COLUMNS = 80;
const FRAME_MS = 200;
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const MINUTE_MS = 60_000;

/**
 * A report to `screen`. A terminal has a line for each step that runs, redrawn several times a second;
 * a log has a line when a step begins, when it ends, and each minute in between.
 */
export function reportTo(screen: Screen): Report {
  const display = screen.isTTY === true ? liveDisplay(screen) : logDisplay(screen);
  return {
    say: display.print,
    async step(title, work) {
      const label = title.padEnd(TITLE_WIDTH);
      const step = { label, begun: performance.now(), activity: '', counted: '', bar: '' };
      const end = (mark: string, summary: string) => {
        display.end(step, `${mark} ${label} ${summary} (${secondsOf(step).toFixed(1)} s)`);
      };
      display.begin(step);
      try {
        const { result, summary, failed } = await work({
          note(line) {
            display.print(`  ${label} ${line}`);
          },
          at(activity) {
            step.activity = activity;
          },
          count(done, total, unit) {
            step.counted = total === 0 ? '' : `${done} of ${total} ${unit}`;
            const full = total === 0 ? 0 : Math.round(BAR_WIDTH * Math.min(1, done / total));
            step.bar = total === 0 ? '' : '█'.repeat(full).padEnd(BAR_WIDTH, '░');
          },
        });
        end(failed === true ? '✗' : '✓', summary);
        return result;
      } catch (error) {
        const [why = ''] = String(error instanceof Error ? error.message : error).split('\n');
        end('✗', why);
        throw error;
      }
    },
  };
}

function liveDisplay(screen: Screen): Display {
  const running = new Set<RunningStep>();
  let timer: NodeJS.Timeout | undefined;
  let drawn = 0;
  let frame = 0;
  /** Replaces the lines of the steps that run. */
  const draw = (above = '') => {
    const width = (screen.columns ?? DEFAULT_COLUMNS) - 1;
    const mark = FRAMES.charAt(frame % FRAMES.length);
    const lines = [...running].map((step) => `${mark} ${liveLine(step)}`.slice(0, width));
    const clear = '\u001b[1A\u001b[2K'.repeat(drawn);
    screen.write(`${clear}${above}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  return {
    begin(step) {
      running.add(step);
      draw();
      timer ??= setInterval(() => {
        frame += 1;
        draw();
      }, FRAME_MS);
    },
    print(text) {
      draw(`${text}\n`);
    },
    end(step, line) {
      running.delete(step);
      draw(`${line}\n`);
      if (running.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function logDisplay(screen: Screen): Display {
  const timers = new Map<RunningStep, NodeJS.Timeout>();
  const print = (text: string) => {
    screen.write(`${text}\n`);
  };
  return {
    print,
    begin(step) {
      print(`▸ ${step.label} begun`);
      const everyMinute = () => {
        const minutes = Math.round(secondsOf(step) / 60);
        const state = [`${minutes} min`, step.activity, step.counted].filter(Boolean).join(', ');
        print(`… ${step.label} ${state}`);
      };
      timers.set(step, setInterval(everyMinute, MINUTE_MS));
    },
    end(step, line) {
      clearInterval(timers.get(step));
      timers.delete(step);
      print(line);
    },
  };
}

/** Such as `Pulumi engine      1:07 ████░░░░ 812 of 1503 packages, compiling`. */
function liveLine(step: RunningStep): string {
  const seconds = Math.floor(secondsOf(step));
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const state = [step.counted, step.activity].filter(Boolean).join(', ');
  return [step.label, clock, step.bar, state].filter(Boolean).join(' ');
}

function secondsOf({ begun }: RunningStep): number {
  return (performance.now() - begun) / 1000;
}
