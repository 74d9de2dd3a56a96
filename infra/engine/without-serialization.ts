import { registerHooks } from 'node:module';

/**
 * What the SDK loads with itself but needs only for functions that become resources: the TypeScript
 * compiler, which parses them, and npm's package tree, which packs what they import. This program has no
 * such function, and loading the two takes longer than loading the rest of the SDK.
 */
const UNUSED = ['typescript', '@npmcli/arborist'];
const EMPTY = 'empty:';

// Gives the SDK empty modules in their place. Nothing else of this program asks for the two.
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
