/** The layer through which the board sees lines under way. */

import type { Layer } from '../types.js';
import type { Board } from './board.js';

/** Lets the board see every line under way. Outermost of the user's layers. */
export function watch(board: Board): Layer {
  return (next) => async (task) => {
    const watched = board.begin(task);
    const { tell } = task;
    task.tell = (event) => {
      watched.hear(event);
      tell.call(task, event);
    };
    task.onHead = (head) => watched.resumed(head.offset);
    try {
      return await next(task);
    } finally {
      watched.end();
    }
  };
}
