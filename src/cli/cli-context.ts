/** Where a command works and what it prints to. */
export interface CliContext {
  /** The checkout's top directory. */
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
