// Compiled, never run: what a page gets of the hook, and the options that it passes.
import { usePromoPreview, type PromoPreview } from "redeemable/react";

const basket = { url: "/api/shop/events/gala", codes: ["TEN"], lines: [{ ticket_type: "seat", quantity: 1 }] };

export function useTotal(): [number | undefined, string[]] {
  const shown: PromoPreview = usePromoPreview({
    ...basket,
    locales: ["de-AT", "en"],
    identities: { email: "a@b.example" },
  });
  const { state, decision, prices, error, retry } = shown;
  if (error?.code === "too_many_codes") retry();
  const total = state === "ready" ? decision?.quote.total : prices?.seat;
  return [total, decision?.refusals.map(({ message }) => message) ?? []];
}

export function useMistakes() {
  // @ts-expect-error: no such option
  usePromoPreview({ ...basket, code: "TEN" });
  // @ts-expect-error: a price is the shop's
  usePromoPreview({ ...basket, lines: [{ ticket_type: "seat", quantity: 1, unit_price: 1 }] });
}
