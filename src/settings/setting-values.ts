import { posix } from 'node:path';
import { z } from 'zod';
import { parseRegistry, parseRepository } from '../image-reference.ts';

/** Stands for a value that is set, but that only the engine can decrypt. */
export const ENCRYPTED = Symbol('encrypted');

const Password = z.union([z.string(), z.custom<typeof ENCRYPTED>((value) => value === ENCRYPTED)]);

/** The settings of a stack by key, each checked on its own. */
export const SettingValues = z.strictObject({
  /** Host that images are published to, with its port if it has one. */
  registry: z.string().transform(orIssue(parseRegistry)),
  /** Path in the registry below which each image has its repository. */
  repositoryPrefix: z.string().transform(orIssue(parseRepository)),
  /** The catalog's path in the checkout. */
  catalog: z.string().refine(isInsideCheckout).default('config/images.yml'),
  /** Address of the project's source, for the images' label. */
  source: z.string().refine(isPublicAddress).optional(),
  /** User that pushes; without one, the Docker configuration's credentials do. */
  registryUsername: z.string().optional(),
  registryPassword: Password.optional(),
});

export type SettingValues = z.output<typeof SettingValues>;

export type SettingKey = keyof SettingValues;

/** How each setting is written, as the remedy for one that isn't. */
export const SETTING_REMEDIES = {
  registry: 'write a host such as us-central1-docker.pkg.dev or 127.0.0.1:5000, without https://',
  repositoryPrefix: 'write a path in lower case such as k8s-staging-images/kubespray',
  catalog: 'write a path relative to the checkout such as config/images.yml',
  source: 'write an https address without credentials, or leave it out',
  registryUsername: 'write a user name, or leave it out together with registryPassword',
  registryPassword: 'set it with: pulumi config set --secret registryPassword',
} as const satisfies Record<SettingKey, string>;

/** A transformation that reports text which `parse` does not take. */
function orIssue<Value>(parse: (text: string) => Value | undefined) {
  return (text: string, context: z.RefinementCtx): Value => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue('not valid');
    return z.NEVER;
  };
}

function isInsideCheckout(path: string): boolean {
  return !/^(?:\/|\.\.?(?:\/|$))/.test(path) && posix.normalize(path) === path;
}

function isPublicAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}
