import { isObject, UNKNOWN, type Properties } from '../../../oci/protocol/resource-type.ts';
import { flagAt, textAt, textsAt, valueAt, type Unknown } from './property-path.ts';

/** Credentials for the registry that an image is pushed to, as the program gives them. */
export interface RegistryLogin {
  readonly server?: string;
  readonly username?: string;
  readonly password?: string;
}

/** The inputs of a `docker.Image`, all known, as `checkImage` has completed them. */
export interface ImageInputs {
  readonly imageName: string;
  /** A directory, relative to the working directory. */
  readonly context: string;
  /** A file, relative to the working directory too (not to the context). */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly target?: string;
  readonly network?: string;
  /** `host:ip`. */
  readonly addHosts: readonly string[];
  /** Names of images whose layers may be used again. */
  readonly cacheFrom: readonly string[];
  readonly builder: 'BuilderBuildKit' | 'BuilderV1';
  readonly registry: RegistryLogin;
  readonly skipPush: boolean;
}

/** Parses inputs that must be known by now; throws with the property's path where one is not, or is of the wrong type. */
export function parseImageInputs(inputs: Properties): ImageInputs {
  return {
    imageName: known('imageName', textAt(inputs, 'imageName')) ?? missing('imageName'),
    context: known('build.context', textAt(inputs, 'build.context')) ?? missing('build.context'),
    dockerfile:
      known('build.dockerfile', textAt(inputs, 'build.dockerfile')) ?? missing('build.dockerfile'),
    args: parseArgs(inputs),
    ...texts(inputs, 'build', ['platform', 'target', 'network'] as const),
    addHosts: knownList(inputs, 'build.addHosts'),
    cacheFrom: knownList(inputs, 'build.cacheFrom.images'),
    builder: parseBuilder(textAt(inputs, 'build.builderVersion')),
    registry: texts(inputs, 'registry', ['server', 'username', 'password'] as const),
    skipPush: known('skipPush', flagAt(inputs, 'skipPush')),
  };
}

function texts<Name extends string>(
  inputs: Properties,
  parent: string,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = known(`${parent}.${name}`, textAt(inputs, `${parent}.${name}`));
    if (text !== undefined) found[name] = text;
  }
  return found;
}

function parseArgs(inputs: Properties): Readonly<Record<string, string>> {
  const args = known('build.args', valueAt(inputs, 'build.args')) ?? {};
  if (!isObject(args)) throw new Error('build.args must be a map of strings');
  const parsed: Record<string, string> = {};
  for (const [name, value] of Object.entries(args)) {
    const text = known(`build.args.${name}`, value);
    if (text === null) continue;
    if (typeof text !== 'string') throw new Error(`build.args.${name} must be a string`);
    parsed[name] = text;
  }
  return parsed;
}

function parseBuilder(version: string | Unknown | undefined): ImageInputs['builder'] {
  const builder = known('build.builderVersion', version) ?? 'BuilderBuildKit';
  if (builder === 'BuilderBuildKit' || builder === 'BuilderV1') return builder;
  throw new Error(`build.builderVersion must be BuilderBuildKit or BuilderV1, not "${builder}"`);
}

function knownList(inputs: Properties, path: string): readonly string[] {
  return known(path, textsAt(inputs, path)).map((text) => known(path, text));
}

function known<Value>(path: string, value: Value): Exclude<Value, Unknown> {
  if (value === UNKNOWN) throw new Error(`${path} is not known yet`);
  return value as Exclude<Value, Unknown>;
}

function missing(path: string): never {
  throw new Error(`${path} is missing`);
}
