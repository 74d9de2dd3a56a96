import fc from 'fast-check';
import { SEED } from './long-haul.ts';

// Loaded before each test file.
fc.configureGlobal({ seed: SEED });
