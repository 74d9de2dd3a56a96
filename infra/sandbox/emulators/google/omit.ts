/** A copy without one of the fields. */
export function omit<T extends object, Field extends keyof T>(
  value: T,
  field: Field,
): Omit<T, Field> {
  const copy = { ...value };
  Reflect.deleteProperty(copy, field);
  return copy;
}
