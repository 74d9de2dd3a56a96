import type { Problem } from '../problem.ts';

/** Something wrong with a setting, before it is known where that is written. */
export interface SettingFinding extends Pick<Problem, 'code' | 'path' | 'problem' | 'remedy'> {
  /** What it is placed at: the setting itself, or one that it belongs to. */
  readonly key: string;
}
