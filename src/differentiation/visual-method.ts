import type { Proposition } from '../domain/generated/shapes.ts';
import { lookAtImages } from './image/image-method.ts';
import type { Budget, Measures, Method } from './method.ts';

/** Measures that help a person to look at two files (pixels, rms, box); they never decide. */
export type Look = (
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  budget: Budget,
) => Promise<Omit<Measures, 'same' | 'reason'>>;

/**
 * What a visual comparison claims of the outputs, as the proposition tells it (Table 1: the positive cells are those
 * whose outputs are the same). To be given as the option `same`.
 */
export function observedSame(proposition: Proposition): boolean {
  return proposition === 'repeated' || proposition === 'reproduced';
}

/**
 * The paper's visual comparison (p. 189): a person's verdict, which no program makes. It is the requester's word, so
 * a request that uses it carries an observation and is always attested. Without the option `same` nobody has said yet.
 */
export function visualMethodWith(look: Look): Method {
  return {
    word: 'visual',
    name: null,
    promise: 'A person looked at both and says whether they show the same.',
    options: [
      {
        name: 'same',
        type: 'boolean',
        fallback: null,
        promise:
          'What was observed of the files that are not byte-equal: that they show the same, or that they do not.',
      },
    ],
    repeatable: false,
    async compare(path, from, toward, options, budget) {
      const seen = await look(path, from, toward, budget);
      if (typeof options.same !== 'boolean') {
        const reason = 'The bytes differ. Whether they show the same is for a person to say (option same).';
        return { same: false, ...seen, reason, unsettled: reason };
      }
      return {
        same: options.same,
        ...seen,
        reason: options.same ? 'Observed to show the same.' : 'Observed to differ.',
        unsettled: 'A visual comparison rests on what the requester observed.',
      };
    },
  };
}

export const visualMethod: Method = visualMethodWith(lookAtImages);
