// For databases with one writer at a time, such as SQLite.

const last = new WeakMap();

/** Runs `work` after all that was given before for the same `owner`. */
export function inTurn(owner, work) {
  const turn = (last.get(owner) ?? Promise.resolve()).then(work, work);
  last.set(
    owner,
    turn.catch(() => {}),
  );
  return turn;
}
