import pulumi from '@pulumi/pulumi';

/** How something came out: with a value, or with the reason why there is none. */
export type Outcome<Value> = { readonly kind: 'done'; readonly value: Value } | Failed;

export interface Failed {
  readonly kind: 'failed';
  readonly reason: string;
}

export function done<Value>(value: Value): Outcome<Value> {
  return { kind: 'done', value };
}

export function failed(reason: unknown): Failed {
  return { kind: 'failed', reason: reason instanceof Error ? reason.message : String(reason) };
}

/**
 * An output that never fails: with the value of one that may, or with the reason of its failure. The URN of
 * a resource says whether the resource failed, and is known in previews, too.
 */
export function outcomeOf<Value>(output: pulumi.Output<Value>): pulumi.Output<Outcome<Value>> {
  const succeeded = output.apply<Outcome<Value>>((value) => done(value));
  return pulumi.recover(succeeded, (error: unknown) => failed(error));
}

/**
 * For `dependsOn`: the resources once all of them are there, or none when one has failed. A resource that
 * depends on the result is registered in either case. With `--continue-on-error`, the engine deletes what a
 * program that runs to its end does not register, and an ordinary `dependsOn` does not register what depends
 * on a failure: one update that failed would take, say, everybody's access away (pulumi/pulumi#10158).
 */
export function settled(
  ...resources: readonly pulumi.Resource[]
): pulumi.Output<pulumi.Resource[]> {
  const urns = outcomeOf(pulumi.all(resources.map(({ urn }) => urn)));
  return urns.apply(({ kind }) => (kind === 'done' ? [...resources] : []));
}

/**
 * Options for a child of a component that depends on what the component depends on: the SDK passes
 * `dependsOn` of a component on to none of its children.
 */
export function childOptions(
  parent: pulumi.ComponentResource,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  return { parent, dependsOn: options?.dependsOn };
}

/**
 * Returns the resource. When it fails, the engine prints the reason. Without this function, the SDK prints
 * it once more for each output that nothing waits for, as an unhandled exception with a stack trace.
 */
export function silenceRepeatedErrors<R extends pulumi.Resource>(resource: R): R {
  // The URN fails first. To recover each of the other outputs of resources that do not fail would take a
  // seventh of the program's time.
  pulumi.recover(resource.urn, () => {
    for (const output of Object.values(resource) as unknown[]) {
      if (pulumi.Output.isInstance(output)) pulumi.recover(output, () => undefined);
    }
    return '';
  });
  return resource;
}
