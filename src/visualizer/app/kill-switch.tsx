// The kill switch and the ways back: each lever asks once more, with a reason that goes into the journal.
import { ask } from './api.ts';
import { Confirmed } from './confirmed.tsx';
import { isLive, killSwitch, overall } from './store.ts';

const path = '/v1/kill-switch';
const by = 'browser';

export function KillSwitch() {
  return (
    <Confirmed
      button="Kill switch"
      buttonClass="danger"
      disabled={!isLive.value || killSwitch.value?.tripped === true}
      title="Trip the kill switch?"
      text="New risk is refused at once and orders that could add to a position are canceled. Protective stops stay until the position is flat; reducing orders pass. Trading comes back by a recovery plan."
      confirm="Trip it"
      reason="operator"
      option="Close every position too"
      send={(reason, flatten) => ask('POST', path, { by, reason, ...(flatten ? { flatten } : {}) })}
    />
  );
}

/** The way back where no trip stands in it. */
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
      send={(reason) => ask('POST', '/v1/trading-state', { to: 'active', by, reason })}
    />
  );
}

interface LeverProps {
  readonly button: string;
  readonly buttonClass?: string;
  readonly title: string;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function Lever({ button, buttonClass = 'quiet', title, text, body }: LeverProps) {
  return (
    <Confirmed
      button={button}
      buttonClass={buttonClass}
      disabled={!isLive.value}
      title={title}
      text={text}
      confirm={button}
      reason="looked at it"
      send={(reason) => ask('POST', path, { ...body, by, reason })}
    />
  );
}

const levers: readonly (LeverProps & { readonly move: string })[] = [
  {
    move: 'START_STANDARD',
    button: 'Start the standard plan',
    buttonClass: 'primary',
    title: 'Start the standard plan?',
    text: 'A cool-down, then the checks, then your approval; trading comes back at a quarter of the limits, then half, then all.',
    body: { action: 'start', plan: 'standard' },
  },
  {
    move: 'START_AGGRESSIVE',
    button: 'Start the aggressive plan',
    title: 'Start the aggressive plan?',
    text: 'A shorter cool-down, the checks, your approval; trading comes back at half of the limits, then all.',
    body: { action: 'start', plan: 'aggressive' },
  },
  {
    move: 'START_AUTONOMOUS',
    button: 'Start the autonomous plan',
    title: 'Start the autonomous plan?',
    text: 'For a stale feed without money at risk: a cool-down and the checks, then the ramp, without an approval.',
    body: { action: 'start', plan: 'autonomous' },
  },
  {
    move: 'APPROVE',
    button: 'Approve',
    buttonClass: 'primary',
    title: 'Approve the recovery?',
    text: 'Trading begins again at a part of the limits. Drawdown and daily loss are measured anew from the equity of this moment.',
    body: { action: 'approve' },
  },
  {
    move: 'REFUSE',
    button: 'Refuse',
    title: 'Refuse the recovery?',
    text: 'The switch stays tripped; a plan can be started again.',
    body: { action: 'refuse' },
  },
  {
    move: 'ABORT',
    button: 'Give the plan up',
    title: 'Give the plan up?',
    text: 'Trading is halted and the switch is tripped again.',
    body: { action: 'abort' },
  },
];

/** What the switch takes in its state, and closing what is open. */
export function RecoveryLevers() {
  const view = killSwitch.value;
  if (view === null) return null;
  const isHolding = overall.value?.positions.some(({ quantity }) => quantity !== '0') === true;
  return (
    <div class="levers">
      {levers
        .filter(({ move }) => view.can.some((possible) => possible === move))
        .map(({ move, ...lever }) => (
          <Lever key={move} {...lever} />
        ))}
      {view.tripped && !view.flattening && isHolding && (
        <Lever
          button="Close every position"
          buttonClass="danger"
          title="Close every position?"
          text="Each open position is closed by reduce-only market orders; its stops stay until it is flat."
          body={{ action: 'flatten' }}
        />
      )}
    </div>
  );
}
