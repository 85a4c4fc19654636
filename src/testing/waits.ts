/** Waits for something to have happened, woken by whatever may have made it happen. No polling. */
export interface Waits {
  /** True once it is met; false when the time is over, or nothing more can come. */
  until(isMet: () => boolean, timeoutMs: number): Promise<boolean>;
  /** Something changed: look again. */
  wake(): void;
  /** Nothing more will come: all waits are over, now and from now on. */
  end(): void;
}

export function createWaits(): Waits {
  const pending = new Set<() => void>();
  let ended = false;

  const wake = () => {
    for (const look of [...pending]) look();
  };
  return {
    until: (isMet, timeoutMs) =>
      new Promise((resolve) => {
        const settle = (met: boolean) => {
          pending.delete(look);
          clearTimeout(timer);
          resolve(met);
        };
        const look = () => {
          if (isMet()) settle(true);
          else if (ended) settle(false);
        };
        const timer = setTimeout(settle, timeoutMs, false);
        pending.add(look);
        look();
      }),
    wake,
    end() {
      ended = true;
      wake();
    },
  };
}
