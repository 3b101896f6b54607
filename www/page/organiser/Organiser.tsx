// The organiser's views: #/codes (all codes), #/codes/7 (one), #/codes/7/edit and #/codes/new (the form).
import type { Event } from "../api";
import { Code } from "./Code";
import { Codes } from "./Codes";
import { Edit } from "./Edit";

export function Organiser({ event, id, part }: { event: Event; id: string; part: string }) {
  if (id === "") return <Codes event={event} />;
  if (id === "new" || part === "edit") return <Edit key={id} event={event} id={id === "new" ? null : id} />;
  return <Code key={id} event={event} id={id} />;
}
