import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { isList, isObject, UNKNOWN, type Properties, type PropertyValue } from './resource-type.ts';

// Signatures of the plug-in protocol: sdk/go/common/resource/properties.go and plugin/rpc.go of the engine.
const UNKNOWN_STRING = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const SIGNATURE_KEY = '4dabf18193072939515e22adb298388d';
const SECRET_SIGNATURE = '1b47061264138c4ac30d75fd1eb44270';

/** Reads what the engine sent; an absent struct is an empty set of properties. Secrets are unwrapped. */
export function propertiesFromStruct(struct: structPb.Struct | undefined): Properties {
  const plain: Readonly<Record<string, structPb.JavaScriptValue>> = struct?.toJavaScript() ?? {};
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, fromWire(value)]));
}

/** Writes properties as the engine expects them, `UNKNOWN` as its own sentinel. */
export function structFromProperties(properties: Properties): structPb.Struct {
  return structPb.Struct.fromJavaScript(objectToWire(properties));
}

/** Marks a value that a function returns: the engine keeps it out of its display, and encrypts it in the state. */
export function secretOf(value: PropertyValue): PropertyValue {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

function fromWire(value: structPb.JavaScriptValue): PropertyValue {
  if (value === UNKNOWN_STRING) return UNKNOWN;
  if (Array.isArray(value)) return value.map(fromWire);
  if (value === null || typeof value !== 'object') return value;
  const object = value as Readonly<Record<string, structPb.JavaScriptValue>>;
  if (object[SIGNATURE_KEY] === SECRET_SIGNATURE) return fromWire(object['value'] ?? null);
  return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, fromWire(inner)]));
}

function toWire(value: PropertyValue): structPb.JavaScriptValue {
  if (value === UNKNOWN) return UNKNOWN_STRING;
  if (isList(value)) return value.map(toWire);
  return isObject(value) ? objectToWire(value) : value;
}

/** Leaves out optional properties that are there without a value. */
function objectToWire(object: Properties): Readonly<Record<string, structPb.JavaScriptValue>> {
  const entries = Object.entries<PropertyValue | undefined>(object);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, toWire(value)]])),
  );
}
