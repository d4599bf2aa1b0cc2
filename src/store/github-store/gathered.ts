/**
 * Asks for many at once: what is asked for in one turn of the event loop goes together, and while `atOnce` requests are
 * under way, all that is asked for meanwhile goes together into the next. A request is only ever sent after it was asked
 * for, so that its answer is never older than the question.
 */
export function gathered<Question, Answer>(
  atOnce: number,
  ask: (questions: readonly Question[]) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  let next: { readonly questions: Question[]; readonly answer: Promise<Answer>; readonly send: () => void } | null =
    null;
  let under = 0;

  function begin(): NonNullable<typeof next> {
    const questions: Question[] = [];
    let send = () => {};
    const sent = new Promise<void>(done => {
      send = done;
    });
    const answer = sent.then(async () => {
      try {
        return await ask(questions);
      } finally {
        under--;
        release();
      }
    });
    return { questions, answer, send };
  }

  function release(): void {
    if (next === null || under >= atOnce) return;
    const { send } = next;
    next = null;
    under++;
    send();
  }

  return question => {
    if (next === null) {
      next = begin();
      setImmediate(release);
    }
    next.questions.push(question);
    return next.answer;
  };
}
