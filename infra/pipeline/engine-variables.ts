/**
 * The variables that the engine gets for these arguments, beside those that it has anyway.
 *
 * A preview saves no state, but checks the whole of it twice for each published image (the engine's
 * `readSnapshotMutation`): for 300 images that was half of its time. With this it checks once, at the end.
 * For no other command: an `up` that is killed must have saved what it has done.
 */
export function engineVariables([command]: readonly string[]): Readonly<Record<string, string>> {
  return command === 'preview' ? { PULUMI_SKIP_CHECKPOINTS: 'true' } : {};
}
