import { z } from "zod";
import type { Screen } from "../terminal/screen.ts";
import { table } from "../terminal/table.ts";
import { ago, bytes } from "../terminal/units.ts";

const RemoteModel = z.object({
  name: z.string(),
  size: z.number(),
  modified_at: z.string(),
  details: z.object({ quantization_level: z.string(), parameter_size: z.string() }).partial().default({}),
});
type RemoteModel = z.infer<typeof RemoteModel>;

/** The models of an answer to `GET /api/tags`; what is of another shape is left out. */
export function readTags(answer: unknown): readonly RemoteModel[] {
  const tags = z.object({ models: z.array(z.unknown()) }).safeParse(answer);
  return (tags.data?.models ?? []).flatMap((model) => RemoteModel.safeParse(model).data ?? []);
}

/** `arriero list --url` for people: what that server has, as far as its key sees. */
export function remoteTable(models: readonly RemoteModel[], now: number, screen: Screen): string {
  return table(
    [
      { title: "NAME", shrinkTo: 12 },
      { title: "SIZE", align: "right" },
      { title: "PARAMETERS", align: "right" },
      { title: "QUANT" },
      { title: "MODIFIED" },
    ],
    models.map(({ details, modified_at, name, size }) => [
      name.replace(/:latest$/, ""),
      bytes(size),
      details.parameter_size ?? "-",
      details.quantization_level ?? "-",
      ago(Date.parse(modified_at), now),
    ]),
    { width: screen.columns(), palette: screen.palette },
  );
}
