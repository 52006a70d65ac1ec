// Properties draw the same examples each time, so that a change is judged by itself; PROPERTY_SEED=N draws others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) });
