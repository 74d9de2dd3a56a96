/** Fields whose values are maps, in every message that has them. */
export const MAP_FIELDS: ReadonlySet<string> = new Set([
  'attributeMapping',
  'cleanupPolicies',
  'headers',
  'labels',
  'substitutions',
]);
