/** A place to wait until someone opens it; opening with nobody waiting does nothing, so look again before waiting. */
export function gate(): Gate {
  let opened: (() => void) | null = null;
  return {
    wait: () =>
      new Promise<void>((resolve) => {
        opened = resolve;
      }),
    open() {
      if (opened === null) return;
      const resolve = opened;
      opened = null;
      resolve();
    },
  };
}

export interface Gate {
  wait(): Promise<void>;
  open(): void;
}
