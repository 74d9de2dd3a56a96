import { FUNCTIONS, RESOURCES, type Resource } from './schema.ts';

/** The schema of the package, without its name and version. */
export function packageSchema() {
  const resources = Object.entries<Resource>(RESOURCES).map(([token, resource]) => {
    const { description, inputs, optional, outputs } = resource;
    const requiredInputs = Object.keys(inputs).filter((name) => !optional.includes(name));
    const described = {
      description,
      inputProperties: inputs,
      requiredInputs,
      properties: { ...inputs, ...outputs },
      required: [...requiredInputs, ...Object.keys(outputs)],
    };
    return [token, described] as const;
  });
  const functions = Object.entries(FUNCTIONS).map(([token, { description, inputs }]) => {
    const arguments_ = { type: 'object', properties: inputs, required: Object.keys(inputs) };
    return [token, { description, inputs: arguments_ }] as const;
  });
  return {
    description: 'What docker.Image of the Docker provider does not do for images in a registry',
    resources: Object.fromEntries(resources),
    functions: Object.fromEntries(functions),
  };
}
