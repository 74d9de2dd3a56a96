import type { World } from './world.ts';

/** Ends a transfer in which nothing comes any more. */
export interface SilenceAlarm {
  /** For the transfer; it is over, too, when the world's signal says so. */
  readonly signal: AbortSignal;
  /** Something came. */
  readonly heard: () => void;
  /** The transfer is over. */
  readonly end: () => void;
}

/** An alarm that is set: it goes off with a TimeoutError after `longestSilence` milliseconds. */
export function silenceAlarm({
  signal,
  longestSilence,
}: Pick<World, 'signal' | 'longestSilence'>): SilenceAlarm {
  const alarm = new AbortController();
  const timer = setTimeout(() => {
    alarm.abort(new DOMException('no data in time', 'TimeoutError'));
  }, longestSilence);
  return {
    signal: signal === undefined ? alarm.signal : AbortSignal.any([signal, alarm.signal]),
    heard: () => timer.refresh(),
    end: () => {
      clearTimeout(timer);
    },
  };
}
