import pulumi from '@pulumi/pulumi';

/**
 * Limits how long Google may take for each change of a resource that is declared from here on. The official gcp
 * plug-in sends a refused request (429, 500, 502 or 503) again until this time is over, and waits so long for an
 * operation to end; twenty minutes where the program does not say. A read of a resource takes no limit: the plug-in
 * gives it five minutes.
 */
export function limitGoogleChanges(seconds: number): void {
  const limit = `${seconds}s`;
  const customTimeouts = { create: limit, update: limit, delete: limit };
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type.startsWith('gcp:') ? { props, opts: { ...opts, customTimeouts } } : undefined,
  );
}
