import { expectTypeOf, test } from "vitest";
import { buildEvents } from "../../src/events/build-events.ts";
import { commandEvents } from "../../src/events/command-events.ts";
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
declare const record: Telemetry<Events>["record"];
type FieldsOfNamed<Name> = Extract<Recorded, { eventName: Name }>["fields"];

test("record takes the names that are defined, and no other", () => {
  expectTypeOf<Recorded["eventName"]>().toEqualTypeOf<
    "build:completed" | "build:failed" | "page:seen"
  >();
  type Taken = Recorded | readonly Recorded[];
  expectTypeOf<Telemetry<Events>["record"]>().toExtend<(events: Taken) => unknown>();
  // @ts-expect-error No such event is defined.
  () => record({ eventName: "page:left", fields: {} });
});

test("record takes a function for the fields, which follows the definition of the name", () => {
  () => record("page:seen", () => ({ times: 3, region: "eu" }), true);
  () => record("build:failed", () => ({}));
  // @ts-expect-error That is a field of another event.
  () => record("build:failed", () => ({ times: 3 }));
  // @ts-expect-error No such event is defined.
  () => record("page:left", () => ({}));
  // @ts-expect-error What isn't known at once can't be recorded.
  () => record("page:seen", async () => ({ times: 3 }));
});

test("what may be undefined can be passed: it is left out", () => {
  type Maybe = { times: number | undefined; uses: { a: boolean | undefined } };
  expectTypeOf<Maybe>().toExtend<FieldsOfNamed<"page:seen">>();
});

test("the event of a command suggests the product's own commands and flags", () => {
  const commands = defineEvents(commandEvents({ commands: ["build", "dev"], flags: ["watch"] }));
  type Ended = EventOf<(typeof commands)["events"]>["fields"];
  type Given = { command: "dev"; flags: "watch"[]; outcome: "ok"; duration: number };
  expectTypeOf<Given>().toExtend<Ended>();
  expectTypeOf<{ command: 1 }>().not.toExtend<Ended>();
  expectTypeOf<{ flags: "watch" }>().not.toExtend<Ended>();
});

test("a sampled event is defined and recorded as any other", () => {
  const sampled = defineEvents({
    seen: { description: says, fields: { times: field.count(9, says) }, sample: 0.1 },
  });
  expectTypeOf<EventOf<(typeof sampled)["events"]>["eventName"]>().toEqualTypeOf<"seen">();
});

test("its fields follow the definitions, and each may be left out", () => {
  type Seen = FieldsOfNamed<"page:seen">;
  expectTypeOf<keyof Seen>().toEqualTypeOf<"times" | "color" | "tags" | "uses" | "region">();
  expectTypeOf<Record<never, never>>().toExtend<Seen>();
  expectTypeOf<Seen["times"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Seen["tags"]>().toEqualTypeOf<string[] | undefined>();
  expectTypeOf<Seen["uses"]>().toEqualTypeOf<
    { a?: boolean | undefined; b?: boolean | undefined } | undefined
  >();
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
