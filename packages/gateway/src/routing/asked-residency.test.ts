import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { residencyOfBody, residencyOfHeaders } from "./asked-residency.ts";
import { residencyObjection } from "./residency.ts";
import { anyPlace } from "./testing/arbitraries.ts";

const silent = { allowedRegions: null, dataClass: null, allowUndefinedBoundary: null };

describe("what a request says of its residency", () => {
  it.each([
    [{}, null],
    [{ "arriero-allowed-regions": ["eu-*, ch"] }, { ...silent, allowedRegions: ["eu-*", "ch"] }],
    [{ "arriero-data-class": ["internal"] }, { ...silent, dataClass: "internal" }],
    [
      { "arriero-allowed-regions": ["*", "eu-*"], "arriero-data-class": ["confidential", "public"] },
      { ...silent, allowedRegions: ["eu-*"], dataClass: "confidential" },
    ],
  ])("by header fields %j", (headers, expected) => expect(residencyOfHeaders(headers)).toEqual(expected));

  it.each([
    [null, null],
    [{ metadata: null }, null],
    [{ metadata: { user_id: "u", "arriero-allowed-regions": null } }, null],
    [{ metadata: { "arriero-allowed-regions": "eu-*,ch" } }, { ...silent, allowedRegions: ["eu-*", "ch"] }],
    [{ metadata: { "arriero-allowed-regions": ["ch"] } }, { ...silent, allowedRegions: ["ch"] }],
    [{ metadata: { "arriero-data-class": "internal" } }, { ...silent, dataClass: "internal" }],
  ])("by its body %j", (body, expected) => expect(residencyOfBody(body)).toEqual(expected));

  it.each([
    ["arriero-allowed-regions", ""],
    ["arriero-allowed-regions", "eu-*,,ch"],
    ["arriero-allowed-regions", "EU"],
    ["arriero-allowed-regions", Array.from({ length: 65 }, () => "ch").join(",")],
    ["arriero-data-class", "secret"],
  ])("and never by %s: %j", (name, value) => {
    expect(() => residencyOfHeaders({ [name]: [value] })).toThrow(
      expect.objectContaining({ body: expect.objectContaining({ code: "invalid_request", param: name }) }),
    );
    expect(() => residencyOfBody({ metadata: { [name]: value } })).toThrow(`metadata.${name}`);
  });

  it.each([[[]], [7], [{}], [["ch", 7]]])("nor by regions in metadata that are %j", (value) => {
    expect(() => residencyOfBody({ metadata: { "arriero-allowed-regions": value } })).toThrow("metadata.arriero-allowed-regions");
  });

  it("binds by each line of a field, whatever the others say", () => {
    const line = fc.constantFrom("*", "eu-*", "us-*", "eu-west-1", "ch,eu-west-1");
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), anyPlace, (lines, where) => {
        const all = residencyOfHeaders({ "arriero-allowed-regions": lines })!;
        if (residencyObjection(all, where) !== null) return;
        for (const each of lines) {
          expect(residencyObjection(residencyOfHeaders({ "arriero-allowed-regions": [each] })!, where)).toBeNull();
        }
      }),
    );
  });
});
