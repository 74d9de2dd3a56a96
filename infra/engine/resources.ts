import pulumi from '@pulumi/pulumi';
import { messageOf } from '../../src/problem.ts';

/** How something came out: with a value, or with the reason why there is none. */
export type Outcome<Value> = { readonly kind: 'done'; readonly value: Value } | Failed;

interface Failed {
  readonly kind: 'failed';
  readonly reason: string;
}

export function done<Value>(value: Value): Outcome<Value> {
  return { kind: 'done', value };
}

export function failed(reason: unknown): Failed {
  return { kind: 'failed', reason: messageOf(reason) };
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
 * The output of a resource that is registered, or `otherwise` while it is unknown. In a preview, the SDK takes an
 * output that the state does not have, such as one that is younger, for unknown (`resolveProperties`).
 */
export async function knownOr<Value>(
  output: pulumi.Output<Value>,
  otherwise: Value,
): Promise<pulumi.Output<Value>> {
  const isKnown = 'isKnown' in output && (await output.isKnown) === true;
  return isKnown ? output : (pulumi.output(otherwise) as pulumi.Output<Value>);
}

/**
 * For `dependsOn`: the resources once all of them are there, or none when one has failed, so that a dependent
 * resource is registered in either case. An ordinary `dependsOn` does not register what depends on a failure,
 * and with `--continue-on-error` the engine deletes what is not registered: an update that failed would take,
 * say, everybody's access away (pulumi/pulumi#10158).
 */
export function settled(
  ...resources: readonly pulumi.Resource[]
): pulumi.Output<pulumi.Resource[]> {
  const urns = outcomeOf(pulumi.all(resources.map(({ urn }) => urn)));
  return urns.apply(({ kind }) => (kind === 'done' ? [...resources] : []));
}

/** Options for a child of a component, with its `dependsOn`, which the SDK passes on to no child. */
export function childOptions(
  parent: pulumi.ComponentResource,
  options: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  return { parent, dependsOn: options?.dependsOn };
}

/**
 * Returns the resource. The engine prints the reason of its failure; the SDK would print it once more for each
 * output that nothing waits for, as an unhandled exception with a stack trace.
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
