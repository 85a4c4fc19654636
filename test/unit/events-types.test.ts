import { expectTypeOf, test } from "vitest";
import { buildEvents } from "../../src/events/build-events.ts";
import { defineEvents, type EventOf } from "../../src/events/define.ts";
import { field, type ValueOf } from "../../src/events/fields.ts";
import type { Telemetry } from "../../src/tracker/tracker.ts";

const says = "What it says.";
const definitions = defineEvents(
  {
    ...buildEvents,
    "page:seen": {
      description: "Somebody looked.",
      fields: {
        times: field.count(9, says),
        color: field.oneOf(["red", "green"], says),
        tags: field.listOf(field.token({ pattern: /[a-z]+/, max: 9 }, says), 3, says),
        uses: field.mapOf(["a", "b"], field.boolean(says), says),
      },
    },
  },
  { common: { region: field.oneOf(["eu", "us"], says) } },
);
type Events = (typeof definitions)["events"];
type Recorded = EventOf<Events>;
type FieldsOfNamed<Name> = Extract<Recorded, { eventName: Name }>["fields"];

test("record takes the names that are defined, and no other", () => {
  expectTypeOf<Recorded["eventName"]>().toEqualTypeOf<
    "build:completed" | "build:failed" | "page:seen"
  >();
  const record = {} as Telemetry<Events>["record"];
  expectTypeOf(record).parameter(0).toEqualTypeOf<Recorded | readonly Recorded[]>();
});

test("its fields follow the definitions, and each may be left out", () => {
  type Seen = FieldsOfNamed<"page:seen">;
  expectTypeOf<keyof Seen>().toEqualTypeOf<"times" | "color" | "tags" | "uses" | "region">();
  expectTypeOf<Record<never, never>>().toExtend<Seen>();
  expectTypeOf<Seen["times"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Seen["tags"]>().toEqualTypeOf<string[] | undefined>();
  expectTypeOf<Seen["uses"]>().toEqualTypeOf<{ a?: boolean; b?: boolean } | undefined>();
  expectTypeOf<{ times: string }>().not.toExtend<Seen>();
  expectTypeOf<{ tags: number[] }>().not.toExtend<Seen>();
  expectTypeOf<{ uses: { a: 1 } }>().not.toExtend<Seen>();
});

test("a common field is in every event", () => {
  expectTypeOf<FieldsOfNamed<"build:failed">>().toHaveProperty("region");
  expectTypeOf<FieldsOfNamed<"build:failed">>().toHaveProperty("errorType");
  expectTypeOf<FieldsOfNamed<"build:failed">>().not.toHaveProperty("times");
});

test("a field's value has its kind's type", () => {
  const version = field.version(says);
  const sizes = field.bucket([0, 10], says);
  expectTypeOf<ValueOf<typeof version>>().toEqualTypeOf<string>();
  expectTypeOf<ValueOf<typeof sizes>>().toEqualTypeOf<number>();
  // Listed words are suggested; any other string is taken too, and becomes `other`.
  const color = field.oneOf(["red"], says);
  expectTypeOf<"red">().toExtend<ValueOf<typeof color>>();
  expectTypeOf<string>().toExtend<ValueOf<typeof color>>();
  expectTypeOf<number>().not.toExtend<ValueOf<typeof color>>();
});

test("only a word or a token can be in a list, and no list in a map", () => {
  // @ts-expect-error A version is neither.
  const list = () => field.listOf(field.version(says), 3, says);
  const inner = field.listOf(field.oneOf(["a"], says), 3, says);
  // @ts-expect-error A map holds single values.
  const map = () => field.mapOf(["a"], inner, says);
  expectTypeOf(list).toBeFunction();
  expectTypeOf(map).toBeFunction();
});
