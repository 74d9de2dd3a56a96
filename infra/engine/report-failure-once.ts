import pulumi from '@pulumi/pulumi';

/**
 * Returns the resource. When it fails, the engine says why; without this, the SDK says it once more for
 * each of the outputs that nobody waits for, as an unhandled exception with a stack trace.
 */
export function reportFailureOnce<R extends pulumi.Resource>(resource: R): R {
  // The URN is the first that fails. Waiting for each of the others as well is a seventh of the program's
  // time, for nothing where nothing fails.
  pulumi.recover(resource.urn, () => {
    for (const output of Object.values(resource) as unknown[]) {
      if (pulumi.Output.isInstance(output)) pulumi.recover(output, () => undefined);
    }
    return '';
  });
  return resource;
}
