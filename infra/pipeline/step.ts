/** A command of a pipeline. */
export interface Step {
  /** What it is for, in a few words. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables that it has beside the pipeline's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A file, below the checkout, that takes what it prints; the pipeline's log does when absent. */
  readonly output?: string;
  /** Exit codes that are news and no failure → what they say. */
  readonly news?: Readonly<Record<number, string>>;
}

/** How a step ended. */
export interface StepResult {
  readonly name: string;
  /** `news` is no failure, but somebody should know. */
  readonly ending: 'done' | 'news' | 'failed';
  /** In a few words. */
  readonly outcome: string;
  readonly seconds: number;
}
