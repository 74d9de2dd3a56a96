import { registerHooks } from 'node:module';

/**
 * Modules that Pulumi's runner and SDK load at their start and this program has no use for, with what takes their
 * place. The TypeScript compiler, npm's package tree and V8's debugger serve functions that become resources: the
 * compiler parses them, the tree packs what they import, and the debugger finds the files that they are in
 * (pulumi/pulumi#3671; pulumi/pulumi#10185 avoids the compiler in part of the SDK only). `source-map-support` maps
 * each stack trace to the sources of a compiler, and the SDK takes four for each property of each resource.
 */
const UNUSED = new Map([
  ['typescript', ''],
  ['@npmcli/arborist', ''],
  ['source-map-support/register', ''],
  ['../../runtime/closure/v8Hooks', 'exports.isInitializedAsync = async () => {};'],
  ['./v8Hooks', ''],
]);
const INSTEAD = 'instead-of:';

// Node loads this file before the runner, by `nodeargs` of Pulumi.yaml. No other module imports these.
registerHooks({
  resolve: (specifier, context, next) =>
    UNUSED.has(specifier)
      ? { url: INSTEAD + specifier, shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url.startsWith(INSTEAD)
      ? {
          source: UNUSED.get(url.slice(INSTEAD.length)) ?? '',
          format: 'commonjs',
          shortCircuit: true,
        }
      : next(url, context),
});
