// A button whose deed is asked for once more, with a reason for the journal; what was refused is said in place.
import { useRef, useState } from 'preact/hooks';
import { ApiProblem } from './api.ts';

interface ConfirmedProps {
  readonly button: string;
  readonly buttonClass: string;
  readonly disabled: boolean;
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly reason: string;
  /** A box to tick; absent: none. */
  readonly option?: string;
  readonly send: (reason: string, isTicked: boolean) => Promise<unknown>;
}

export function Confirmed(props: ConfirmedProps) {
  const { button, buttonClass, disabled, title, text, confirm, reason: suggested, option, send } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState(suggested);
  const [isTicked, setTicked] = useState(false);
  const [problem, setProblem] = useState('');
  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await send(reason, isTicked);
      setProblem('');
      dialog.current?.close();
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error.body.detail : String(error));
    }
  };
  return (
    <>
      <button type="button" class={buttonClass} disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {button}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <form onSubmit={(event) => void onSubmit(event)}>
          <h2>{title}</h2>
          <p>{text}</p>
          <label>
            Reason, for the journal
            <input
              value={reason}
              required
              maxLength={200}
              onInput={({ currentTarget }) => setReason(currentTarget.value)}
            />
          </label>
          {option !== undefined && (
            <label class="tick">
              <input
                type="checkbox"
                checked={isTicked}
                onInput={({ currentTarget }) => setTicked(currentTarget.checked)}
              />
              {option}
            </label>
          )}
          {problem !== '' && <p class="problem">{problem}</p>}
          <div class="buttons">
            <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
              Leave it
            </button>
            <button type="submit" class={buttonClass === 'danger' ? 'danger' : 'primary'}>
              {confirm}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
