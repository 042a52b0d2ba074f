// The kill switch and the way back: each asks once more, with a reason that goes into the journal.
import { useRef, useState } from 'preact/hooks';
import { ApiProblem, ask } from './api.ts';
import { isLive, tradingState } from './store.ts';

export function KillSwitch() {
  return (
    <Confirmed
      button="Kill switch"
      buttonClass="danger"
      disabled={!isLive.value || tradingState.value === 'halted'}
      title="Trip the kill switch?"
      text="New risk is refused at once and orders that could add to a position are canceled. Protective stops stay until the position is flat; reducing orders pass."
      confirm="Trip it"
      reason="operator"
      send={(reason) => ask('POST', '/v1/kill-switch', { by: 'browser', reason })}
    />
  );
}

export function ResumeTrading() {
  return (
    <Confirmed
      button="Resume trading"
      buttonClass="quiet"
      disabled={!isLive.value}
      title="Resume trading?"
      text="The gate takes new risk again, under the same limits as before."
      confirm="Resume"
      reason="looked at it"
      send={(reason) => ask('POST', '/v1/trading-state', { to: 'active', by: 'browser', reason })}
    />
  );
}

interface ConfirmedProps {
  readonly button: string;
  readonly buttonClass: string;
  readonly disabled: boolean;
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly reason: string;
  readonly send: (reason: string) => Promise<unknown>;
}

function Confirmed({ button, buttonClass, disabled, title, text, confirm, reason: suggested, send }: ConfirmedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState(suggested);
  const [problem, setProblem] = useState('');
  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await send(reason);
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
