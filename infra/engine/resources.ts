import pulumi from '@pulumi/pulumi';

/**
 * For `dependsOn`: the resources once all of them are there, or none when one has failed. Whatever waits
 * for them is registered in either case: with `--continue-on-error`, the engine deletes what a program
 * that runs to its end does not register, so that one update that failed would take, say, everybody's
 * access away. (An ordinary `dependsOn` leaves out what depends on a failure.)
 */
export function afterwards(
  ...resources: readonly pulumi.Resource[]
): pulumi.Output<pulumi.Resource[]> {
  const all = pulumi.all(resources.map(({ urn }) => urn));
  return pulumi.recover<pulumi.Resource[]>(
    all.apply(() => [...resources]),
    () => [],
  );
}

/** Whether a resource is there, once that is known. */
export function isThere({ urn }: pulumi.Resource): pulumi.Output<boolean> {
  return pulumi.recover(
    urn.apply(() => true),
    () => false,
  );
}

/**
 * Options for a child of a component that must wait for whatever the component waits for: the SDK passes
 * `dependsOn` of a component on to none of its children.
 */
export function childOptions(
  parent: pulumi.ComponentResource,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  const { dependsOn } = options ?? {};
  return { parent, ...(dependsOn !== undefined && { dependsOn }) };
}

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
