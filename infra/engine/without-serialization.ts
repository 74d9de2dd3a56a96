import { registerHooks } from 'node:module';

/**
 * Modules that the SDK loads at its start, and uses only for functions that become resources: the TypeScript
 * compiler, which parses them, and npm's package tree, which packs what they import. This program has no
 * such function, and loading the two takes longer than loading the rest of the SDK (pulumi/pulumi#3671;
 * pulumi/pulumi#10185 avoids the compiler in part of the SDK only).
 */
const UNUSED = ['typescript', '@npmcli/arborist'];
const EMPTY = 'empty:';

// Gives the SDK empty modules in their place. No other module of this program imports the two.
registerHooks({
  resolve: (specifier, context, next) =>
    UNUSED.includes(specifier)
      ? { url: EMPTY + specifier, shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url.startsWith(EMPTY)
      ? { source: '', format: 'commonjs', shortCircuit: true }
      : next(url, context),
});
