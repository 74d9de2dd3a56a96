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
