/**
 * A program's exit code that tells the language host that whatever there was to say is said
 * (`cmd/run/index.js` in @pulumi/pulumi): the run fails, and the engine deletes nothing.
 */
export const ALREADY_REPORTED = 32;
