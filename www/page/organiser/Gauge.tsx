// How much of a limit is used, as a bar and in words.
import type { Counted } from "../api";

export function Gauge({ of, write, label }: { of: Counted; write: (value: number) => string; label: string }) {
  const { used, held, confirmed, limit, left } = of;
  const whole = Math.max(limit ?? 0, used, 1);
  const part = (value: number) => ({ width: `${(value / whole) * 100}%` });
  const words =
    limit === null
      ? `${write(used)}, no limit`
      : `${write(used)} of ${write(limit)}${used > limit ? `, ${write(used - limit)} over` : ""}`;
  return (
    <div class="gauge" data-used={used} data-held={held} data-left={left ?? ""}>
      <p>
        <span>{label}</span> <strong>{words}</strong>
      </p>
      {limit !== null && (
        // biome-ignore lint/a11y/useSemanticElements: a <meter> shows one bar, and this is two
        <div
          class="bar"
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={whole}
          aria-valuenow={Math.min(used, whole)}
          aria-valuetext={`${words}: ${write(confirmed)} paid, ${write(held)} held, ${write(left ?? 0)} left`}
        >
          <i class="confirmed" style={part(confirmed)} />
          <i class="held" style={part(held)} />
        </div>
      )}
      <p class="key">
        <span>
          <i class="confirmed" />
          {write(confirmed)} paid
        </span>
        <span>
          <i class="held" />
          {write(held)} held
        </span>
        {left !== null && (
          <span>
            <i class="left" />
            {write(left)} left
          </span>
        )}
      </p>
    </div>
  );
}
