/** A process's variables, as an argument: domain code reads none by itself. */
export type Environment = Readonly<Record<string, string | undefined>>;
