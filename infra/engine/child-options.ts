import type pulumi from '@pulumi/pulumi';

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
